/**
 * The one place that loads the FFI library. The other files of this room declare C functions with it;
 * no other room does.
 *
 * A shared library is opened, and a function looked up, when it is first called: importing this room costs
 * nothing, and a missing library is a coded error that names its package.
 */

import koffi, { type LibraryHandle } from 'koffi';
import { FairleadError } from '../ipvs/errors.ts';

export type CFunction<A extends readonly unknown[], R> = (...args: A) => R;

type Library = <A extends readonly unknown[], R>(prototype: string) => CFunction<A, R>;

/** Declares functions of a shared library by C prototype; `remedy` is the Debian package that brings it. */
export function library(soname: string, remedy: string): Library {
  let loaded: LibraryHandle | undefined;
  const declare = (prototype: string): ((...args: readonly unknown[]) => unknown) => {
    try {
      loaded ??= koffi.load(soname);
      return loaded.func(prototype);
    } catch (cause) {
      throw new FairleadError('NO_LIBRARY', `${soname}, install the package ${remedy}`, { cause });
    }
  };
  return (prototype) => {
    let declared: ReturnType<typeof declare> | undefined;
    return (...args) => {
      declared ??= declare(prototype);
      return declared(...args) as never;
    };
  };
}

export const libc: Library = library('libc.so.6', 'libc6');

/** errno of the last C call of this thread; it means something only right after a call that failed. */
export function errno(): number {
  return koffi.errno();
}

export const struct: typeof koffi.struct = koffi.struct;
export const prototype: typeof koffi.proto = koffi.proto;
export const registerCallback: typeof koffi.register = koffi.register;
export const pointer: typeof koffi.pointer = koffi.pointer;

/** Where a buffer's bytes lie, for pointers inside structs. The buffer must outlive the call. */
export const address: (buffer: Uint8Array | Uint32Array) => bigint = koffi.address;
