/**
 * Which hooks an interface carries. Pure: from what the kernel says of a link, and what a person asked for.
 */

import type { HookMode } from '../../ipvs/interface.ts';
import { ARPHRD_ETHER, type Link } from '../../linux/rtnetlink.ts';

export type HookPlan = { readonly tc: boolean; readonly xdp: boolean; readonly note?: string };

/**
 * TC carries every Ethernet interface. XDP stands in front of it on hardware only: on virtual interfaces
 * frames arrive as socket buffers anyway, and on veth those of a local sender have checksums that XDP
 * would send out unfinished.
 */
export function planHooks(link: Link, mode: HookMode): HookPlan {
  if (link.type !== ARPHRD_ETHER) return { tc: false, xdp: false, note: 'not an Ethernet interface' };
  if (mode === 'off') return { tc: false, xdp: false };
  if (link.master !== undefined && mode === 'auto') {
    return { tc: false, xdp: false, note: 'a port: its bridge or bond carries the director' };
  }
  return { tc: true, xdp: mode === 'xdp' || (mode === 'auto' && link.kind === undefined) };
}
