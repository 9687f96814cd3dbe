/** What the packet filters for ARP do to a virtual address: arptables-save(8) and nft(8) read. Pure. */

import type { Ipv4 } from '../../ipvs/address.ts';
import { literally } from '../join/step.ts';

export type Fate = {
  /** Questions for it are dropped. */
  readonly silent: boolean;
  /** It is replaced as a sender, or what bears it is dropped. */
  readonly discreet: boolean;
  /** There are rules that might do so and are not understood. */
  readonly unclear: boolean;
};

export function fateBy(rules: readonly string[], vip: Ipv4, device: string): Fate {
  const [address, name] = [literally(vip), literally(device)];
  const some = (...patterns: readonly string[]): boolean =>
    patterns.some((pattern) => rules.some((rule) => new RegExp(pattern).test(rule)));
  const silent = some(
    `^-A INPUT( -j DROP)?( -i ${name})? -d ${address}( -j DROP)?$`,
    `^(iifname "${name}" )?arp daddr ip ${address} (counter( packets \\d+ bytes \\d+)? )?drop$`,
  );
  const discreet = some(
    `^-A OUTPUT( -j mangle)?( -o ${name})? -s ${address}( -j mangle)? --mangle-ip-s \\S+$`,
    `^-A OUTPUT( -j DROP)?( -o ${name})? -s ${address}( -j DROP)?$`,
    `^(oifname "${name}" )?arp saddr ip ${address} (counter( packets \\d+ bytes \\d+)? )?(drop|arp saddr ip set \\S+)$`,
  );
  return { silent, discreet, unclear: rules.some((rule) => / @|\bjump\b|\bgoto\b| \{ /.test(rule)) };
}
