/** Running a TypeScript program of test/ or bench/ on Node 20, which runs no TypeScript: bundled into dist/, then imported. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './run.mjs';

/**
 * Runs `main` of FOLDER/main.ts, test/NAME unless said, with the command line's words, and with the bundle's path for those that start
 * themselves again. Its answer is the exit code.
 * @param {string} name
 * @param {string} [folder]
 */
export async function runBundled(name, folder = `test/${name}`) {
  const esbuild = await import('esbuild');
  // Two folders deep, as its sources are: they look for bpf/ from there.
  const outfile = join(root, `dist/${name}/main.js`);
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [`${folder}/main.ts`],
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
}
