/**
 * libbpf, opened once for the files of this room.
 *
 * Every call is synchronous and acts in the calling thread's network namespace. libbpf 1.x returns -errno.
 * Its log (the verifier's included) is collected instead of printed: a failed load carries it.
 */

import { callback, libc, library } from './ffi.ts';

export const libbpf = library('libbpf.so.1', 'libbpf1');

/** A file descriptor of a BPF object. */
export type Fd = number;

/** An opaque C pointer. */
export type Pointer = unknown;

const setPrint = libbpf<[unknown], Pointer>('void *libbpf_set_print(void *callback)');
const vsnprintf = libc<[Uint8Array, number, Pointer, Pointer], number>(
  'int vsnprintf(void *text, size_t size, void *format, void *arguments)',
);

const lines: string[] = [];
const keptLines = 200;
let collecting = false;

/** Runs `action` with libbpf's log collected; `failed` turns the collected lines into the error. */
export function withLog<T>(action: () => T, failed: (log: readonly string[], cause: unknown) => Error): T {
  collectLog();
  lines.length = 0;
  try {
    return action();
  } catch (cause) {
    throw failed([...lines], cause);
  }
}

/** From here on libbpf prints nothing. Called before anything that may fail in the ordinary course. */
export function collectLog(): void {
  if (collecting) return;
  collecting = true;
  const debugLevel = 2;
  const print = callback(
    'int fl_libbpf_print(int level, void *format, void *arguments)',
    (level: number, format: Pointer, args: Pointer) => {
      if (level >= debugLevel) return 0;
      const text = Buffer.alloc(65536);
      const length = vsnprintf(text, text.length, format, args);
      lines.push(
        ...text
          .subarray(0, Math.min(length, text.length - 1))
          .toString()
          .trimEnd()
          .split('\n'),
      );
      lines.splice(0, lines.length - keptLines);
      return 0;
    },
  );
  setPrint(print);
}
