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

/** An address the neighbour table has for it, neither virtual nor link-local. */
export function neighbourOfMac(view: DirectorView, mac: string): Address | undefined {
  const vips = new Set(view.answerers.map(({ vip }) => vip));
  return view.host.neighbours.find(
    ({ address, mac: known }) => known === mac && !vips.has(address) && !address.startsWith('fe80:'),
  )?.address;
}
