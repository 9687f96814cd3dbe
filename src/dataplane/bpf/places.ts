/**
 * Places for tables in a map of maps (bpf/lib/maps.h): each has room for a number of chunks, arrays of one element,
 * and is filled from its first on.
 */

import { createArray, mapDelete, mapLookup, mapUpdate, mapUpdateBatch } from '../../linux/bpf-map.ts';
import { closeFd, mapById } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { FlLimit } from './abi.gen.ts';
import type { Layout } from './layout.ts';
import { arrayKey, batches } from './maps.ts';

export type Places<V extends Layout> = {
  readonly layout: V;
  /** Elements of a chunk. */
  readonly chunk: number;
  /** Chunks at a place. */
  chunks(place: number): number;
  /** Puts so many chunks of zeros at a place that has none, in pieces of a millisecond or so: zeros take time. */
  put(place: number, chunks: number): Generator<void>;
  /** In pieces, each of which waits for all programs that are running. What was there goes when none looks at it any more. */
  clear(place: number): Generator<void>;
  /** Returns once every program that was running has ended: the kernel waits for them after such a change. */
  awaitPrograms(): void;
  /** The elements as they lie there, chunk by chunk; each is valid until the next one. */
  pieces(place: number): Generator<{ readonly values: DataView; readonly count: number }>;
};

/** Chunks that are put there at a time: the kernel waits for all programs that are running then, some ten milliseconds. */
const portion = 64;

/** `shift` says how many octets into a chunk's memory its elements begin. */
export function places<V extends Layout>(
  fd: Fd,
  layout: V,
  chunk: number,
  room: number,
  shift: () => number,
): Places<V> {
  const size = chunk * layout.size;
  const keyOf = (place: number, number: number): Uint8Array => arrayKey(place * room + number);
  const chunks = (place: number): number => {
    let number = 0;
    while (number < room && idAt(fd, keyOf(place, number)) !== undefined) number++;
    return number;
  };
  return {
    layout,
    chunk,
    chunks,
    *put(place, wanted) {
      for (let first = 0; first < wanted; first += portion) {
        const arrays: Fd[] = [];
        try {
          for (let number = first; number < Math.min(first + portion, wanted); number++) {
            arrays.push(createArray('fl_chunk', size + FlLimit.FL_LIMIT_CACHE_LINE, 1));
            yield;
          }
          const keys = Uint32Array.from(arrays, (_, index) => place * room + first + index);
          const values = Uint32Array.from(arrays);
          mapUpdateBatch(fd, new Uint8Array(keys.buffer), new Uint8Array(values.buffer), arrays.length);
        } finally {
          for (const array of arrays) closeFd(array);
        }
      }
    },
    *clear(place) {
      // From behind, so that whoever is interrupted leaves a place that says how much is there.
      for (let number = chunks(place) - 1; number >= 0; number--) {
        mapDelete(fd, keyOf(place, number));
        yield;
      }
    },
    awaitPrograms() {
      const id = idAt(fd, keyOf(0, 0)) ?? idAt(fd, keyOf(1, 0));
      const array = id === undefined ? undefined : mapById(id);
      if (id === undefined || array === undefined) return;
      const place = idAt(fd, keyOf(0, 0)) === id ? 0 : 1;
      try {
        mapUpdate(fd, keyOf(place, 0), new Uint8Array(Uint32Array.of(array).buffer));
      } finally {
        closeFd(array);
      }
    },
    *pieces(place) {
      for (let number = 0; number < room; number++) {
        const id = idAt(fd, keyOf(place, number));
        const array = id === undefined ? undefined : mapById(id);
        if (array === undefined) return;
        try {
          for (const { values, count } of batches(array, 4, size + FlLimit.FL_LIMIT_CACHE_LINE))
            yield { values: new DataView(values.buffer, shift(), size), count: count * chunk };
        } finally {
          closeFd(array);
        }
      }
    },
  };
}

/** User space reads the id of what it has put there. */
function idAt(fd: Fd, key: Uint8Array): number | undefined {
  const id = new Uint8Array(4);
  return mapLookup(fd, key, id) ? new DataView(id.buffer).getUint32(0, true) : undefined;
}
