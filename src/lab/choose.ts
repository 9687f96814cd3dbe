/** Which lab a command means. Pure. */

import { LabError } from './errors.ts';
import type { LabRecord } from './record.ts';

/**
 * The lab called `id`; without an id the only one that stands, or, where none stands, the only one that
 * runs. Throws LabError, naming the choice there is.
 */
export function chooseLab(labs: readonly LabRecord[], id: string | undefined): LabRecord {
  if (id !== undefined) {
    const named = labs.find((lab) => lab.id === id);
    if (named) return named;
    throw new LabError(`there is no lab "${id}"; ${choice(labs)}`, 2);
  }
  const standing = labs.filter((lab) => lab.standing);
  const [only, ...others] = standing.length > 0 ? standing : labs;
  if (only === undefined) throw new LabError('no lab stands; build one: fairlead lab up dr', 2);
  if (others.length > 0) throw new LabError(`which lab? ${choice(labs)}`, 2);
  return only;
}

function choice(labs: readonly LabRecord[]): string {
  if (labs.length === 0) return 'none stands';
  return `there are ${labs.map((lab) => `${lab.id} (${lab.topology})`).join(', ')}`;
}
