/** Recordings of real IPVS (test/golden/README.md). */

import { readFileSync } from 'node:fs';

/** The lines of a JSONL file, each one object. Throws when there are none: an empty golden proves nothing. */
export function readGolden<T>(name: string): readonly T[] {
  const text = readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0) throw new Error(`test/golden/${name} is empty`);
  return lines.map((line) => JSON.parse(line) as T);
}
