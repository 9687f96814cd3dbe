#!/usr/bin/env node
/** The differential fuzzer, test/fuzz/: `npm run fuzz -- --help`. */

import { runBundled } from './lib/run-bundled.mjs';

await runBundled('fuzz');
