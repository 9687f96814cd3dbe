/** Where two plays of the same scenario differ. Pure. */

import type { Observation } from './observe.ts';

export type Difference = {
  /** Index of the scenario's step. */
  readonly step: number;
  readonly title: string;
  /** The lines that only this side has. */
  readonly kernel: readonly string[];
  readonly fairlead: readonly string[];
};

/** Seconds left are rounded down, and the two sides look at different moments. */
const toleranceSeconds = 2;

export function differences(
  kernel: readonly Observation[],
  fairlead: readonly Observation[],
): readonly Difference[] {
  return kernel.flatMap((expected, index) => {
    const found = fairlead[index];
    return found ? differenceOf(expected, found) : [];
  });
}

function differenceOf(expected: Observation, found: Observation): readonly Difference[] {
  const { step, title } = expected;
  if (expected.lines.join('\n') !== found.lines.join('\n')) {
    const kernel = without(expected.lines, found.lines);
    const fairlead = without(found.lines, expected.lines);
    if (kernel.length + fairlead.length > 0) return [{ step, title, kernel, fairlead }];
    return [{ step, title: `${title}: order of lines`, kernel: expected.lines, fairlead: found.lines }];
  }
  return secondsDifference(expected, found);
}

function secondsDifference(expected: Observation, found: Observation): readonly Difference[] {
  const tolerance = toleranceSeconds + Math.abs(expected.at - found.at);
  const far = expected.lines.flatMap((line, index) => {
    const [kernel = 0, fairlead = 0] = [expected.seconds?.[index], found.seconds?.[index]];
    return Math.abs(kernel - fairlead) > tolerance ? [{ line, kernel, fairlead }] : [];
  });
  if (far.length === 0) return [];
  const texts = (side: 'kernel' | 'fairlead') => far.map((row) => `${row.line}: ${row[side]} s left`);
  return [
    { step: expected.step, title: expected.title, kernel: texts('kernel'), fairlead: texts('fairlead') },
  ];
}

/** The lines of `lines` that `others` has not, counting how often. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
