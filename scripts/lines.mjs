#!/usr/bin/env node
/** Random command lines, to the real ipvsadm and to ours, test/lines/: `npm run lines -- --help`. */

import { runBundled } from './lib/run-bundled.mjs';

await runBundled('lines');
