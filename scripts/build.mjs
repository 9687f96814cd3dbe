#!/usr/bin/env node
/**
 * Bundles each program into one file of dist/: `npm run build`.
 *
 * One file, because ipvsadm is called in loops and reading fifty modules takes longer than its work. A
 * program that is started meanwhile never sees half a bundle: each is written aside and renamed.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { listFiles } from './lib/files.mjs';
import { root } from './lib/run.mjs';

/** @typedef {{ readonly name: string, readonly entry: string, readonly isCommonJs?: true, readonly isTool?: true }} Bundle */

/** `isTool`: for who works on Fairlead, and not installed. @type {readonly Bundle[]} */
const bundles = [
  { name: 'ipvsadm', entry: 'src/ipvsadm/main.ts', isCommonJs: true },
  { name: 'fairlead', entry: 'src/cli/main.ts' },
  { name: 'fairleadd', entry: 'src/director/main.ts' },
  { name: 'reader', entry: 'src/director/file/thread.ts' },
  { name: 'checker', entry: 'src/health/checker/main.ts' },
  { name: 'compare', entry: 'src/compare/main.ts', isTool: true },
];

/** What is to be installed of them, from the checkout. */
export const installedBundles = bundles.filter(({ isTool }) => !isTool).map(pathOf);

/** @param {Bundle} bundle */
function pathOf({ name, isCommonJs }) {
  return `dist/${name}.${isCommonJs ? 'cjs' : 'js'}`;
}

const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');

/**
 * How a bundle is packed. ES modules are the rule; ipvsadm is a CommonJS module, which starts 7 ms sooner: for an ES
 * module Node reads all that its own modules export, streams and promises of node:fs among them.
 * @param {boolean} isCommonJs
 * @returns {{ format: 'cjs' | 'esm', define?: Record<string, string>, banner: { js: string } }}
 */
function packing(isCommonJs) {
  if (isCommonJs) {
    const banner = "const bundleUrl = require('node:url').pathToFileURL(__filename).href;";
    return { format: 'cjs', define: { 'import.meta.url': 'bundleUrl' }, banner: { js: banner } };
  }
  // CommonJS dependencies inside an ES module bundle call require().
  const banner =
    "import { createRequire as createBundleRequire } from 'node:module';\n" +
    'const require = createBundleRequire(import.meta.url);';
  return { format: 'esm', banner: { js: banner } };
}

/** A digest of all that the bundles are made from. */
function sourcesStamp() {
  const sources = listFiles(['src'], /(?<!\.test)\.ts$/);
  const hash = createHash('sha256');
  for (const path of [...sources, 'package-lock.json', 'scripts/build.mjs']) {
    hash.update(`${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

/** Writes every bundle. Rejects, leaving dist/ as it was, when a source does not compile. */
export async function build() {
  const esbuild = await import('esbuild');
  const stamp = sourcesStamp();
  const made = await Promise.all(
    bundles.map(async (bundle) => {
      const { entry, isCommonJs = false } = bundle;
      const { outputFiles } = await esbuild.build({
        absWorkingDir: root,
        entryPoints: [entry],
        write: false,
        bundle: true,
        platform: 'node',
        target: 'node20',
        external: ['koffi'],
        // That of yaml for Node looks for a variable of the environment with each token: a fifth of its time.
        alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
        legalComments: 'none',
        logLevel: 'silent',
        ...packing(isCommonJs),
      });
      return { path: join(root, pathOf(bundle)), text: outputFiles[0]?.contents ?? '' };
    }),
  );
  mkdirSync(dist, { recursive: true });
  for (const { path, text } of made) {
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, text);
    renameSync(aside, path);
  }
  writeFileSync(stampFile, stamp);
}

/**
 * Builds unless dist/ is of these sources.
 * @param {() => void} beforeBuilding
 */
export async function buildIfStale(beforeBuilding) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === sourcesStamp()) return;
  beforeBuilding();
  await build();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await build();
  } catch (error) {
    process.stderr.write(`build: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
