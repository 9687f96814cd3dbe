/** How much memory the kernel has to give, as IPVS's defences ask (update_defense_level in ip_vs_ctl.c). */

import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** Free pages and those that buffer block devices. */
export function freePages(): number {
  return pagesIn(readFileSync('/proc/meminfo', 'utf8'), pageBytes());
}

/** The same of a text like /proc/meminfo's, whose numbers are KiB. */
export function pagesIn(meminfo: string, page: number): number {
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0);
  return Math.floor(((kibibytes('MemFree') + kibibytes('Buffers')) * 1024) / page);
}

let known: number | undefined;

/** AT_PAGESZ of getauxval(3); pairs of machine words. */
function pageBytes(): number {
  known ??= pageSizeIn(readFileSync('/proc/self/auxv'));
  return known;
}

function pageSizeIn(auxv: Buffer): number {
  const pageSizeType = 6n;
  const read = (at: number): bigint =>
    endianness() === 'LE' ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at);
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (read(at) === pageSizeType) return Number(read(at + 8));
  }
  return 4096;
}
