/** What is used of a map of another version, in pieces. */

import type { Layout } from '../layout.ts';
import { batches } from '../maps.ts';
import type { EarlierMap } from './earlier.ts';
import type { Translation } from './translate.ts';
import { bytesOf, viewOf } from './views.ts';

export type Piece = {
  readonly keys: DataView;
  readonly values: DataView;
  /** Which of the elements in it are not all zeros. */
  readonly used: readonly number[];
};

/** Each is valid until the next one. */
export function* usedPieces({ fd, keySize, valueSize }: EarlierMap): Generator<Piece> {
  for (const { keys, values, count } of batches(fd, keySize, valueSize))
    yield { keys, values, used: usedIn(values, count, valueSize) };
}

/** The used elements of an array by their indexes, in our layout. */
export function* usedElements(
  from: EarlierMap,
  toOurs: Translation,
  layout: Layout,
): Generator<readonly [index: number, ours: Uint8Array]> {
  for (const { keys, values, used } of usedPieces(from)) {
    for (const at of used) {
      const ours = viewOf(layout.size);
      toOurs(values, at * from.valueSize, ours, 0);
      yield [keys.getUint32(at * 4, true), bytesOf(ours)];
    }
  }
}

/** Of so many elements, `size` octets each, those that are not all zeros. */
export function usedIn(values: DataView, count: number, size: number): readonly number[] {
  const bytes = Buffer.from(values.buffer, values.byteOffset, count * size);
  const zeros = Buffer.alloc(bytes.length);
  if (bytes.equals(zeros)) return [];
  const used: number[] = [];
  for (let at = 0; at < count; at++)
    if (bytes.compare(zeros, 0, size, at * size, (at + 1) * size) !== 0) used.push(at);
  return used;
}
