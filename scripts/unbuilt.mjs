#!/usr/bin/env node
/**
 * Shows that src/ runs unbuilt, as newer Node versions can: `node scripts/unbuilt.mjs` with Node 24.
 *
 * Loads every module, because syntax that would need a compiler shows only in the file that has it.
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { listFiles } from './lib/files.mjs';
import { root, run } from './lib/run.mjs';

const sources = listFiles(['src'], /(?<!\.test)\.ts$/);
const isProgram = /\/main\.ts$/;

for (const path of sources.filter((path) => !isProgram.test(path))) {
  await import(pathToFileURL(join(root, path)).href);
}
for (const path of sources.filter((path) => isProgram.test(path))) {
  const { status, output } = await run(process.execPath, [path, '--help']);
  // 2 is a program's own answer to a wrong word; 1 is Node's to a module it cannot load.
  if (status !== 0 && status !== 2) throw new Error(`${path} ended with status ${status}:\n${output}`);
}
process.stdout.write(`Node ${process.versions.node} loads all ${sources.length} modules of src/ unbuilt\n`);
