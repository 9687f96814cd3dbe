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

const bundles = [
  { name: 'ipvsadm', entry: 'src/ipvsadm/main.ts' },
  { name: 'fairlead', entry: 'src/cli/main.ts' },
  { name: 'fairleadd', entry: 'src/director/main.ts' },
  { name: 'compare', entry: 'src/compare/main.ts' },
];

const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');

// CommonJS dependencies inside an ES module bundle call require(); ipvsadm has no dependencies at all.
const requireBanner =
  "import { createRequire as createBundleRequire } from 'node:module';\n" +
  'const require = createBundleRequire(import.meta.url);';

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
    bundles.map(async ({ name, entry }) => {
      const { outputFiles } = await esbuild.build({
        absWorkingDir: root,
        entryPoints: [entry],
        write: false,
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        external: ['koffi'],
        legalComments: 'none',
        logLevel: 'silent',
        banner: name === 'ipvsadm' ? {} : { js: requireBanner },
      });
      return { path: join(dist, `${name}.js`), text: outputFiles[0]?.contents ?? '' };
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
