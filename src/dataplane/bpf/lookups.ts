/**
 * The kernel's switches that the programs' route lookups need (bpf/lib/next_hop.h), in the thread's namespace. What
 * was off is noted in the settings, so that unloading puts it back.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { FlSettingFlag } from './abi.gen.ts';

const switches: readonly (readonly [path: string, flag: number])[] = [
  ['/proc/sys/net/ipv4/conf/lo/forwarding', FlSettingFlag.FL_SETTING_LO_FORWARDING],
  ['/proc/sys/net/ipv6/conf/lo/forwarding', FlSettingFlag.FL_SETTING_LO_FORWARDING_IPV6],
  ['/proc/sys/net/ipv4/ip_forward_use_pmtu', FlSettingFlag.FL_SETTING_FORWARD_USE_PMTU],
];

/** Switches on what is off, and returns the flags of what was. A kernel without IPv6 has no switch for it. */
export function enableLookups(): number {
  let flags = 0;
  for (const [path, flag] of switches) {
    if (!existsSync(path) || readFileSync(path, 'utf8').trim() !== '0') continue;
    writeFileSync(path, '1');
    flags |= flag;
  }
  return flags;
}

/** Switches off what these flags say was off. */
export function restoreLookups(flags: number): void {
  for (const [path, flag] of switches) if (flags & flag) writeFileSync(path, '0');
}
