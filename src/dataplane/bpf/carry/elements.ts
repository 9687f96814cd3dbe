/** What is used of a map of another version, in pieces. */

import { mapLookup } from '../../../linux/bpf-map.ts';
import type { Layout } from '../layout.ts';
import { arrayKey, batches, type FilledBatch } from '../maps.ts';
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
export function* usedPieces(from: EarlierMap): Generator<Piece> {
  const { fd, keySize, valueSize, isSection } = from;
  for (const { keys, values, count } of isSection ? [wholeOf(from)] : batches(fd, keySize, valueSize))
    yield { keys, values, used: usedIn(values, count, valueSize) };
}

/** An element of an array; zeros where there is none. */
export function elementAt(from: EarlierMap, index: number): DataView {
  const { fd, valueSize, isSection } = from;
  if (isSection) return new DataView(wholeOf(from).values.buffer, index * valueSize, valueSize);
  const element = viewOf(valueSize);
  mapLookup(fd, arrayKey(index), bytesOf(element));
  return element;
}

function wholeOf({ fd, valueSize, maxEntries: count }: EarlierMap): FilledBatch {
  const values = viewOf(valueSize * count);
  mapLookup(fd, arrayKey(0), bytesOf(values));
  const indexes = Uint32Array.from({ length: count }, (_, index) => index);
  return { keys: new DataView(indexes.buffer), values, count };
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
