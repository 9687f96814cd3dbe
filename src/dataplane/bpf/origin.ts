/**
 * What programs are made of: the compiled object, and the constants that it was loaded with. Programs carry it in a
 * section of their own (fl_origin in bpf/director.bpf.c), wherever they are attached. Pure.
 */

import { createHash } from 'node:crypto';

/** The section that holds it, which is a map's name in the kernel too. */
export const originSection = '.rodata.origin';

/** As large as fl_origin. */
export const originBytes = 32;

export type Constants = Readonly<Record<string, Uint8Array>>;

/** `object` is the object's SHA-256 in hexadecimal; `constants` are by section. */
export function originOf(object: string, constants: Constants): Uint8Array {
  const hash = createHash('sha256').update(object);
  for (const [section, bytes] of Object.entries(constants)) hash.update(`\0${section}\0`).update(bytes);
  return hash.digest();
}
