#!/usr/bin/env node
/** The benchmark, bench/: `npm run bench -- --help`. */

import { runBundled } from './lib/run-bundled.mjs';

await runBundled('bench', 'bench');
