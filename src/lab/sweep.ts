/** Clearing away what killed runs left behind. */

import { isAlive, type ProcessIdentity } from './proc.ts';
import { listRemains, type Remains } from './record.ts';
import { tearDown } from './teardown.ts';

/** Between making the directory and writing the record lie two system calls; this is ages. */
const unwrittenMs = 10_000;

/** Whether a lab is nobody's any more: its owner is dead and it was not left standing on purpose. */
export function isAbandoned(
  { record, ageMs }: Remains,
  alive: (owner: ProcessIdentity) => boolean = isAlive,
): boolean {
  if (record === undefined) return ageMs > unwrittenMs;
  return !record.standing && !alive(record.owner);
}

/**
 * Takes down every abandoned lab. A reaper may be at the same one: everything in a teardown may find its
 * work done. Answers the ids.
 */
export async function sweep(): Promise<readonly string[]> {
  const abandoned = listRemains().filter((remains) => isAbandoned(remains));
  await Promise.all(abandoned.map(({ id }) => tearDown(id)));
  return abandoned.map(({ id }) => id);
}
