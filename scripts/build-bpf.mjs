#!/usr/bin/env node
/**
 * Compiles the BPF objects and generates their TypeScript layouts: `npm run build:bpf`.
 *
 * All results are committed, so that users need no clang. With `--check` they are made aside and compared
 * with the committed ones instead: sources, objects and layouts must agree byte for byte, wherever the checkout
 * lies. That holds for one version of clang; it is Debian 12's. Sources that are named (`bpf/director.bpf.c`) are the
 * only ones that are compiled.
 */

import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { layoutModule, objectText } from './abi-layout.mjs';
import { triplet } from './lib/needs.mjs';
import { findProgram, root, run } from './lib/run.mjs';

/** @typedef {{ readonly source: string, readonly object: string, readonly contract?: string, readonly layouts?: string }} Unit */

/** @type {readonly Unit[]} */
const units = [
  {
    source: 'bpf/director.bpf.c',
    object: 'bpf/director.bpf.o',
    contract: 'bpf/include/abi.h',
    layouts: 'src/dataplane/bpf/abi.gen.ts',
  },
  {
    source: 'bpf/realserver.bpf.c',
    object: 'bpf/realserver.bpf.o',
    contract: 'bpf/include/realserver_abi.h',
    layouts: 'src/realserver/abi.gen.ts',
  },
  {
    source: 'bpf/checks.bpf.c',
    object: 'bpf/checks.bpf.o',
    contract: 'bpf/include/checks_abi.h',
    layouts: 'src/health/direct/abi.gen.ts',
  },
  { source: 'bpf/traffic.bpf.c', object: 'bpf/traffic.bpf.o' },
  { source: 'bpf/ceiling.bpf.c', object: 'bpf/ceiling.bpf.o' },
  { source: 'bpf/live.bpf.c', object: 'bpf/live.bpf.o' },
  { source: 'bpf/lines.bpf.c', object: 'bpf/lines.bpf.o' },
  { source: 'bpf/sketch.bpf.c', object: 'bpf/sketch.bpf.o' },
];

/**
 * @param {string} name
 * @param {readonly string[]} args
 */
async function must(name, args) {
  const program = findProgram(name);
  if (!program) throw new Error(`${name} is missing: node scripts/setup.mjs bpf`);
  const { status, output, stdout } = await run(program, args);
  if (status !== 0) throw new Error(`${name} failed:\n${output.trim()}`);
  return stdout;
}

/**
 * @param {string} from
 * @param {string} to
 */
async function compile(from, to) {
  await must('clang-14', [
    ...['-O2', '-g', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-target', 'bpf', '-mcpu=v3'],
    // Callbacks have the signature the kernel calls them by: hence no complaint about unused parameters.
    // No path of this machine in the object: BTF's line information names source files.
    ...['-fdebug-compilation-dir=.', `-ffile-prefix-map=${root}=.`],
    ...['-Ibpf/include', '-Ibpf/lib', '-Ibpf', '-idirafter', `/usr/include/${triplet}`],
    ...['-c', from, '-o', to],
  ]);
}

/**
 * @param {Unit} unit
 * @param {string} to
 */
async function buildObject({ source, object }, to) {
  await compile(source, to);
  await must('llvm-strip-14', ['-g', to]); // DWARF; BTF stays
  if (readFileSync(to).includes(root)) throw new Error(`${object} would name the folder it was built in`);
}

/**
 * A header and those it is made of.
 * @param {string} contract
 * @returns {string}
 */
function contractText(contract) {
  const text = readFileSync(join(root, contract), 'utf8');
  const parts = [...text.matchAll(/^#include "(abi\/\w+\.h)"$/gm)].map(([, path]) => path ?? '');
  return [text, ...parts.map((path) => readFileSync(join(root, dirname(contract), path), 'utf8'))].join('\n');
}

/**
 * The layouts come from a unit of their own that holds one variable of each type of the contract: the object
 * keeps BTF only for what its maps and functions use. The module names the object that it was made with, so that
 * nobody reads another's maps by it.
 * @param {string} contract
 * @param {string} object
 * @param {string} to
 * @param {string} aside where unit.bpf.o is
 */
async function buildLayouts(contract, object, to, aside) {
  const tags = [...contractText(contract).matchAll(/^(?:struct|enum) (fl_\w+) \{/gm)];
  const unit = join(aside, 'abi.c');
  const variables = tags.map(([tag, name]) => `${tag?.replace(' {', '')} every_${name};`);
  writeFileSync(unit, [`#include "${basename(contract)}"`, ...variables, ''].join('\n'));
  await compile(unit, join(aside, 'abi.o'));
  const btf = await must('bpftool', ['--json', 'btf', 'dump', 'file', join(aside, 'abi.o')]);
  const digest = createHash('sha256')
    .update(readFileSync(join(aside, 'unit.bpf.o')))
    .digest('hex');
  writeFileSync(to, `${layoutModule(JSON.parse(btf), contract)}\n${objectText(object, digest)}`);
}

/**
 * @param {Unit} unit
 * @param {boolean} check
 */
async function make(unit, check) {
  const aside = mkdtempSync(join(tmpdir(), 'fairlead-bpf-'));
  /** @type {Record<string, string>} */
  const made = { [unit.object]: join(aside, 'unit.bpf.o') };
  try {
    await buildObject(unit, join(aside, 'unit.bpf.o'));
    if (unit.contract && unit.layouts) {
      made[unit.layouts] = join(aside, 'abi.gen.ts');
      await buildLayouts(unit.contract, unit.object, join(aside, 'abi.gen.ts'), aside);
    }
    for (const [path, fresh] of Object.entries(made)) {
      if (!check) copyFileSync(fresh, join(root, path));
      else if (!sameBytes(join(root, path), fresh)) {
        throw new Error(`${path} is not what ${unit.source} makes: run npm run build:bpf and commit it`);
      }
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** @param {readonly string[]} words */
async function main(words) {
  const named = words.filter((word) => word !== '--check');
  const unknown = named.find((name) => !units.some(({ source }) => source === name));
  if (unknown !== undefined) throw new Error(`there is no ${unknown} to compile`);
  for (const unit of units)
    if (named.length === 0 || named.includes(unit.source)) await make(unit, words.includes('--check'));
}

/**
 * @param {string} path may not exist
 * @param {string} other
 */
function sameBytes(path, other) {
  try {
    return readFileSync(path).equals(readFileSync(other));
  } catch {
    return false;
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`build:bpf: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
