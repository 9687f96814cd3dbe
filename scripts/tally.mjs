/** Adds up what ran, suite by suite. A suite is a room of src/, a folder of test/, or scripts/. Pure. */

/**
 * @typedef {object} Outcome one test, or one file that failed before its tests could
 * @property {string} file path from the checkout's root
 * @property {string} name
 * @property {'passed' | 'failed' | 'skipped'} state
 * @property {string} [reason] why it was skipped
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @param {string} file */
export function suiteOf(file) {
  const [top = '', folder = '', ...rest] = file.split('/');
  return top === 'scripts' || rest.length === 0 ? top : `${top}/${folder}`;
}

/**
 * The count of each suite that has an outcome or is expected to, sorted by name.
 * @param {readonly Outcome[]} outcomes
 * @param {readonly string[]} expected
 * @returns {Map<string, Count>}
 */
export function countSuites(outcomes, expected) {
  const names = new Set([...expected, ...outcomes.map(({ file }) => suiteOf(file))]);
  /** @type {Map<string, Count>} */
  const counts = new Map([...names].sort().map((name) => [name, { passed: 0, failed: 0, skipped: 0 }]));
  for (const { file, state } of outcomes) {
    const count = counts.get(suiteOf(file));
    if (count) count[state] += 1;
  }
  return counts;
}

/**
 * What a person reads after the run. The last line is `N passed, N failed, N skipped`; a suite that was
 * expected and of which no test ran, counts as failed.
 * @param {readonly Outcome[]} outcomes
 * @param {readonly string[]} expected
 * @returns {{ text: string, failed: number }}
 */
export function summary(outcomes, expected) {
  const counts = countSuites(outcomes, expected);
  const silent = expected.filter((name) => {
    const count = counts.get(name);
    return !count || count.passed + count.failed === 0;
  });
  const width = Math.max(...[...counts.keys()].map((name) => name.length), 0);
  const total = { passed: 0, failed: silent.length, skipped: 0 };
  const rows = [...counts].map(([name, count]) => {
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    return `  ${name.padEnd(width)}  ${countText(count)}`;
  });
  const skipped = outcomes.filter(({ state }) => state === 'skipped');
  const lines = [
    'Suites:',
    ...rows,
    ...(skipped.length > 0 ? ['Skipped:'] : []),
    ...skipped.map(({ file, name, reason }) => `  ${file} > ${name}: ${reason ?? 'no reason given'}`),
    ...silent.map((name) => `FAIL ${name}: no test of this suite ran`),
    countText(total),
  ];
  return { text: lines.map((line) => `${line}\n`).join(''), failed: total.failed };
}

/** @param {Count} count */
function countText({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
