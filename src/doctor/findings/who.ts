/** Whose MAC is it? */

import type { Address } from '../../ipvs/address.ts';
import type { DirectorView } from '../view.ts';

/** The real server with this MAC: as it was probed, or as the kernel's neighbour table has it. */
export function realServerOfMac(view: DirectorView, mac: string): Address | undefined {
  const probed = view.probes.find(
    ({ reach }) => reach.kind === 'asked' && reach.gateway === undefined && reach.mac === mac,
  );
  if (probed) return probed.destination.address;
  const servers = new Set(view.probes.map(({ destination }) => destination.address));
  return view.host.neighbours.find((entry) => entry.mac === mac && servers.has(entry.address))?.address;
}

/** Any address the neighbour table has for it, a virtual one excepted. */
export function neighbourOfMac(view: DirectorView, mac: string): Address | undefined {
  const vips = new Set(view.answerers.map(({ vip }) => vip));
  const entries = view.host.neighbours.filter((entry) => entry.mac === mac && !vips.has(entry.address));
  return (entries.find(({ address }) => !address.startsWith('fe80:')) ?? entries[0])?.address;
}
