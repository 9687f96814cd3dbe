#!/usr/bin/env node
/**
 * Runs the tests: `npm test [-- filter…]`, where a filter is a part of a test file's path.
 *
 * Without root, what needs root is skipped as a whole, and says so. Without a filter, a suite that is
 * expected and ran nothing fails the run: a test that silently disappears is worse than one that fails.
 */

import { relative } from 'node:path';

import { listFiles } from './lib/files.mjs';
import { root } from './lib/run.mjs';
import { suiteOf, summary } from './tally.mjs';

/** Suites that must not vanish. Wherever else test files stand, some test of theirs must run, too. */
const suites = [
  ...['scripts', 'src/ipvs', 'src/ipvsadm', 'src/lab', 'src/director', 'src/dataplane', 'src/linux'],
  ...['src/metrics', 'test/observe'],
  ...['src/doctor', 'test/doctor'],
  ...['test/packets', 'test/fuzz', 'test/director', 'test/lab', 'test/interop', 'test/config', 'test/pages'],
];

const filters = process.argv.slice(2);
const isRoot = process.getuid?.() === 0;

if (!process.stdout.isTTY) process.env['NO_COLOR'] ??= '1'; // read when vitest is loaded
const { startVitest } = await import('vitest/node');

const vitest = await startVitest('test', filters, {
  root,
  watch: false,
  passWithNoTests: true,
  configLoader: 'runner', // the other way writes into node_modules, which may be root's
  reporters: ['default'],
  ...(isRoot ? {} : { project: ['unit'] }),
});

/** @typedef {import('./tally.mjs').Outcome} Outcome */

/** @param {import('vitest/node').TestModule} module @returns {Outcome[]} */
function outcomesOf(module) {
  const file = relative(root, module.moduleId);
  const tests = [...module.children.allTests()].map((testCase) => {
    const result = testCase.result();
    const state = result.state === 'pending' ? 'failed' : result.state;
    const note = result.state === 'skipped' ? result.note : undefined;
    return { file, name: testCase.fullName, state, ...(note ? { reason: note } : {}) };
  });
  // It did not load, or a hook failed: then its tests did not fail, they never ran.
  const failedAround = module.state() === 'failed' && !tests.some(({ state }) => state === 'failed');
  return failedAround ? [...tests, { file, name: 'the file itself', state: 'failed' }] : tests;
}

/** @returns {Outcome[]} */
function skippedWithoutRoot() {
  if (isRoot) return [];
  const files = listFiles(['test'], /\.test\.ts$/);
  return files.map((file) => ({ file, name: 'the whole file', state: 'skipped', reason: 'needs root' }));
}

/** @type {Outcome[]} */
const strays = vitest.state.getUnhandledErrors().map(() => {
  return { file: 'outside any test', name: 'an unhandled error', state: 'failed' };
});
const present = listFiles(['src', 'test', 'bench', 'scripts'], /\.test\.(ts|mjs)$/).map(suiteOf);
const everywhere = [...new Set([...suites, ...present])];
const expected = filters.length > 0 ? [] : everywhere.filter((suite) => isRoot || !suite.startsWith('test/'));
const outcomes = [...vitest.state.getTestModules().flatMap(outcomesOf), ...skippedWithoutRoot(), ...strays];
await vitest.close();

const { text, failed } = summary(outcomes, expected);
process.stdout.write(text);
process.exit(failed > 0 ? 1 : 0);
