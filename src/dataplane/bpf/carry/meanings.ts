/**
 * Fields that have kept their name and mean something else since some layout (FL_ABI_VERSION): what becomes of the
 * value that an earlier version has left. Whoever changes a meaning adds a row; a field that comes, goes, moves or
 * grows needs none. Pure.
 */

export type Meaning = {
  /** The first layout in which it means what it means now. */
  readonly since: number;
  /** `fl_connection`. */
  readonly struct: string;
  /** `timeoutMs`; within a struct or an array by dotted path: `sysctl.dropRate`, `chunks.0`. */
  readonly field: string;
  readonly of: (value: bigint) => bigint;
};

/** None so far. */
const meanings: readonly Meaning[] = [];

/** Of a struct in an earlier layout, by field; the oldest change first, one after the other. */
export function meaningsSince(
  version: number,
  struct: string,
  table: readonly Meaning[] = meanings,
): ReadonlyMap<string, Meaning['of']> {
  const changes = new Map<string, Meaning['of']>();
  const due = table.filter((meaning) => meaning.struct === struct && meaning.since > version);
  for (const { field, of } of due.toSorted((one, other) => one.since - other.since)) {
    const before = changes.get(field);
    changes.set(field, before ? (value) => of(before(value)) : of);
  }
  return changes;
}
