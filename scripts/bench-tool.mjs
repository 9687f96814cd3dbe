#!/usr/bin/env node
/** How long ipvsadm takes, bench/tool/: `npm run bench:tool -- --help`. */

import { runBundled } from './lib/run-bundled.mjs';

await runBundled('bench-tool', 'bench/tool');
