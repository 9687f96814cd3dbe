/** The words of `fairlead realserver isolate` that bring a state about, always the same for the same state. Pure. */

import type { Ipv4 } from '../../ipvs/address.ts';
import { inOrder } from '../../ipvs/address.ts';

export function isolateWords(vips: readonly Ipv4[], own: readonly Ipv4[]): string {
  const rips = inOrder([...new Set(own)]).map((rip) => `--rip ${rip}`);
  return ['start', ...rips, ...inOrder(vips)].join(' ');
}
