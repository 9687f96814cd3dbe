#!/usr/bin/env node
/**
 * Whether the BPF objects work on Debian's own kernel: `npm run kernel -- [options] [test files]`.
 *
 * Boots it in QEMU, on this machine's files, and runs packet tests there. Nothing is installed but QEMU; the kernel's package is
 * unpacked in the checkout. Everything is emulated, which needs no virtualisation, and takes minutes.
 */

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { cannotInstall, installDebianPackages, missingSentence } from './lib/debian-packages.mjs';
import { bootMachine } from './lib/machine.mjs';
import { kernelNeeds } from './lib/needs.mjs';
import { root } from './lib/run.mjs';

const exitCode = { usage: 2, skipped: 77 };

const usage = `usage: npm run kernel -- [options] [test files]

Boots Debian's kernel in QEMU and runs tests of test/ on it: by default those that load the BPF objects.
The exit code is that of the tests; 77 if this machine cannot do it, with the reason.

  --bench FILE   measure live frames instead (bench/live/), beside the kernel's own IPVS; figures go there
  --rounds N     turns of that; default 5
  --kernel DIR   where another kernel's package is unpacked (dpkg -x)
  --minutes N    when to give up; default 30
`;

/** They load every object, and use most of what is in the director's and the real server's. */
const usualTests = [
  ...[
    'forward',
    'drop',
    'fragments',
    'marks',
    'one-packet',
    'persistence',
    'reuse',
    'defence',
    'next-hop',
    'carry',
  ].map((name) => `test/packets/${name}.test.ts`),
  'test/realserver/decapsulate.test.ts',
  'test/health/programs.test.ts',
];

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kernel: { type: 'string' },
      bench: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      minutes: { type: 'string', default: '30' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const kernel = values.kernel ? resolve(values.kernel) : join(root, '.setup/kernel');
  const obstacle = await setUp(kernel);
  if (obstacle !== undefined) {
    process.stdout.write(`skipped: ${obstacle}\n`);
    return exitCode.skipped;
  }
  const minutes = Number(values.minutes);
  if (values.bench) return await measure(kernel, values.bench, values.rounds, minutes);
  return await runTests(kernel, positionals.length > 0 ? positionals : usualTests, minutes);
}

/**
 * Installs what is missing, or says why it cannot.
 * @param {string} kernel
 */
async function setUp(kernel) {
  if (process.arch !== 'x64') return `this is ${process.arch}, and the machine is an x86-64`;
  const missing = (await kernelNeeds(kernel)).filter((need) => !need.present());
  const because = cannotInstall();
  if (missing.length > 0 && because) return missingSentence(missing, because);
  if (missing.length > 0) await installDebianPackages(missing);
  return undefined;
}

/**
 * The exit code of the tests.
 * @param {string} kernel
 * @param {readonly string[]} tests
 * @param {number} minutes
 */
function runTests(kernel, tests, minutes) {
  return inMachine(kernel, minutes, (out) => {
    writeFileSync(join(out, 'tests'), tests.map((test) => `${test}\n`).join(''));
  });
}

/**
 * Writes the figures to a file. The exit code is the benchmark's.
 * @param {string} kernel
 * @param {string} file
 * @param {string} rounds
 * @param {number} minutes
 */
function measure(kernel, file, rounds, minutes) {
  const begin = (/** @type {string} */ out) => writeFileSync(join(out, 'rounds'), `${rounds}\n`);
  return inMachine(kernel, minutes, begin, (out) => {
    const figures = join(out, 'figures.json');
    if (existsSync(figures)) copyFileSync(figures, file);
  });
}

/**
 * The exit code of what test/kernel/guest.sh ran.
 * @param {string} kernel
 * @param {number} minutes
 * @param {(out: string) => void} begin says what to run, in files
 * @param {(out: string) => void} [end] takes what there is of it
 */
async function inMachine(kernel, minutes, begin, end) {
  const out = mkdtempSync(join(tmpdir(), 'fairlead-kernel-'));
  try {
    begin(out);
    await bootMachine({ kernel, out, minutes });
    end?.(out);
    const code = join(out, 'code');
    if (existsSync(code)) return Number(readFileSync(code, 'utf8'));
    throw new Error('the machine has ended without an answer');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`kernel: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = exitCode.usage;
}
