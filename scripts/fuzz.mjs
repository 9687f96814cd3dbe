#!/usr/bin/env node
/**
 * The differential fuzzer: `npm run fuzz -- --help`. Bundles test/fuzz/main.ts into dist/fuzz/ and runs it, because
 * Node 20 runs no TypeScript.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './lib/run.mjs';

const esbuild = await import('esbuild');
const outfile = join(root, 'dist/fuzz/main.js'); // two folders deep, as its sources are: they look for bpf/ from there
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ['test/fuzz/main.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  logLevel: 'warning',
});
const { main } = await import(pathToFileURL(outfile).href);
process.exitCode = await main(process.argv.slice(2), outfile);
