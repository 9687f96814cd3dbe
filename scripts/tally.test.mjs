import { expect, test } from 'vitest';

import { suiteOf, summary } from './tally.mjs';

/** @typedef {import('./tally.mjs').Outcome} Outcome */

test.each([
  ['src/ipvs/address.test.ts', 'src/ipvs'],
  ['src/dataplane/bpf/codec.test.ts', 'src/dataplane'],
  ['test/lab/walkthrough.test.ts', 'test/lab'],
  ['scripts/lib/needs.test.mjs', 'scripts'],
  ['test/alone.test.ts', 'test'],
])('%s belongs to %s', (file, suite) => {
  expect(suiteOf(file)).toBe(suite);
});

test('each suite has its count, each skipped test its reason, and the last line adds all up', () => {
  /** @type {Outcome[]} */
  const outcomes = [
    { file: 'test/lab/a.test.ts', name: 'one', state: 'passed' },
    { file: 'test/lab/a.test.ts', name: 'two', state: 'skipped', reason: 'no XDP here' },
    { file: 'src/ipvs/a.test.ts', name: 'three', state: 'failed' },
  ];
  expect(summary(outcomes, ['src/ipvs'])).toEqual({
    failed: 1,
    text: `Suites:
  src/ipvs  0 passed, 1 failed, 0 skipped
  test/lab  1 passed, 0 failed, 1 skipped
Skipped:
  test/lab/a.test.ts > two: no XDP here
1 passed, 1 failed, 1 skipped
`,
  });
});

test('an expected suite of which nothing ran is a failure, also if all of it was skipped', () => {
  /** @type {Outcome[]} */
  const outcomes = [{ file: 'test/lab/a.test.ts', name: 'one', state: 'skipped' }];
  const { text, failed } = summary(outcomes, ['test/golden', 'test/lab']);
  expect(failed).toBe(2);
  expect(text).toContain('FAIL test/golden: no test of this suite ran\n');
  expect(text).toMatch(/\n0 passed, 2 failed, 1 skipped\n$/);
});
