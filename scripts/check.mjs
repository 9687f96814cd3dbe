#!/usr/bin/env node
/**
 * Everything a change must pass besides the tests: `npm run check`.
 *
 * One line for each check that holds, its whole output for one that does not.
 */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { layerViolations } from './layers.mjs';
import { listFiles } from './lib/files.mjs';
import { lockfileComplaints } from './lib/lockfile.mjs';
import { findProgram, npmProgram, root, run } from './lib/run.mjs';

const longestFile = 400; // lines; beyond it a file has two themes, or is generated

/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');

/**
 * @param {string} name
 * @param {...string} args
 * @returns {() => Promise<string | undefined>}
 */
const npmCheck =
  (name, ...args) =>
  async () => {
    const { status, output } = await run(npmProgram(name), args);
    return status === 0 ? undefined : output.trim() || `${name} ended with status ${status}`;
  };

/** @param {readonly string[]} complaints */
const complaint = (complaints) => (complaints.length > 0 ? complaints.join('\n') : undefined);

function layers() {
  const paths = listFiles(['src'], /\.ts$/);
  return complaint(layerViolations(Object.fromEntries(paths.map((path) => [path, read(path)]))));
}

function fileLengths() {
  const paths = listFiles(['src', 'test', 'bench', 'scripts', 'bpf'], /(?<!\.gen)\.(ts|mjs|c|h)$/);
  const lengths = paths.map((path) => ({ path, lines: read(path).split('\n').length - 1 }));
  const long = lengths.filter(({ lines }) => lines > longestFile);
  return complaint(long.map(({ path, lines }) => `${path}: ${lines} lines, ${longestFile} at most`));
}

const lockfile = () => complaint(lockfileComplaints(JSON.parse(read('package-lock.json')).packages));

async function clangFormat() {
  const program = findProgram('clang-format');
  if (!program) return 'skipped: clang-format is missing (node scripts/setup.mjs bpf)';
  const { status, output } = await run(program, ['--dry-run', '-Werror', ...listFiles(['bpf'], /\.[ch]$/)]);
  return status === 0 ? undefined : output.trim();
}

/** The slow ones first. @type {readonly (readonly [string, () => Promise<string | undefined> | string | undefined])[]} */
const checks = [
  ['dead code (knip)', npmCheck('knip', '--no-progress')],
  ['promises and switches (oxlint)', npmCheck('oxlint', '--type-aware', '--deny-warnings', '.')],
  ['format and lint (biome)', npmCheck('biome', 'ci', '--colors=off', '.')],
  ['types of src, test and bench (tsc)', npmCheck('tsc', '--pretty', 'false')],
  ['types of scripts (tsc)', npmCheck('tsc', '--pretty', 'false', '-p', 'scripts')],
  ['format of bpf (clang-format)', clangFormat],
  ['layers', layers],
  ['file lengths', fileLengths],
  ['lockfile', lockfile],
];

/** @param {(typeof checks)[number]} check @returns {Promise<boolean>} whether it holds */
async function report([name, check]) {
  const start = performance.now();
  const problem = await check();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (problem === undefined) process.stdout.write(`ok    ${name} (${seconds} s)\n`);
  else if (problem.startsWith('skipped: ')) process.stdout.write(`skip  ${name}: ${problem.slice(9)}\n`);
  else process.stdout.write(`FAIL  ${name} (${seconds} s)\n${problem.replace(/^/gm, '      ')}\n`);
  return problem === undefined || problem.startsWith('skipped: ');
}

const waiting = [...checks];
/** @type {boolean[]} */
const held = [];
async function worker() {
  for (let check = waiting.shift(); check; check = waiting.shift()) held.push(await report(check));
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (held.includes(false)) process.exitCode = 1;
