/**
 * The one place that loads the FFI library. The other files of this room declare C functions with it;
 * no other room does.
 *
 * Everything is loaded when a C function is first called, the FFI library included: importing this room costs
 * nothing, and a missing library is a coded error that names its package.
 */

import { createRequire } from 'node:module';
import type { LibraryHandle } from 'koffi';
import { FairleadError } from '../ipvs/errors.ts';
import { checked } from './errno.ts';

type Koffi = typeof import('koffi');

const require = createRequire(import.meta.url);
let ready: Koffi | undefined;
const structs: (readonly [name: string, fields: Readonly<Record<string, string>>])[] = [];

function koffi(): Koffi {
  if (ready) return ready;
  ready = require('koffi') as Koffi;
  for (const [name, fields] of structs) ready.struct(name, fields);
  return ready;
}

/** Declares a C struct by name, for prototypes. */
export function struct(name: string, fields: Readonly<Record<string, string>>): void {
  structs.push([name, fields]);
  ready?.struct(name, fields);
}

export type CFunction<A extends readonly unknown[], R> = (...args: A) => R;

type Library = <A extends readonly unknown[], R>(prototype: string) => CFunction<A, R>;

/** Declares functions of a shared library by C prototype; `remedy` is the Debian package that brings it. */
export function library(soname: string, remedy: string): Library {
  let loaded: LibraryHandle | undefined;
  const declare = (prototype: string): ((...args: readonly unknown[]) => unknown) => {
    try {
      loaded ??= koffi().load(soname);
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
  return koffi().errno();
}

/** Passes the result of a system call through. Throws SYSTEM_CALL, with errno, for a negative one. */
export function called(name: string, result: number): number {
  return checked(name, result < 0 ? -errno() : result);
}

/** A C function, of this prototype, that C may call for as long as the process lives. */
export function callback(prototype: string, action: (...args: never[]) => unknown): unknown {
  const { register, pointer, proto } = koffi();
  return register(action, pointer(proto(prototype)));
}

/** Where a buffer's bytes lie, for pointers inside structs. The buffer must outlive the call. */
export function address(buffer: Uint8Array | Uint32Array): bigint {
  return koffi().address(buffer);
}
