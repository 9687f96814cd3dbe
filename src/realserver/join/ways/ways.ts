/** The ways of ARP isolation: which of them a machine has, and which one is taken. Pure. */

import type { Ipv4 } from '../../../ipvs/address.ts';
import type { Machine } from '../machine.ts';
import type { Part } from '../part.ts';
import type { Sender } from '../senders.ts';
import type { Way } from '../wanted.ts';
import { isolateByArptables } from './arptables.ts';
import { isolateByNftables } from './nftables.ts';
import { isolateBySysctl } from './sysctl.ts';
import { isolateByTc } from './tc.ts';

type WayFacts = {
  /** Behind "ARP isolation by". */
  readonly by: string;
  /** Whether it also silences an address of the very interface that is asked. */
  readonly onAnyDevice: boolean;
  /** Why this machine cannot, or `undefined`. */
  lacks(machine: Machine): string | undefined;
  part(vips: readonly Ipv4[], senders: readonly Sender[], machine: Machine): Part;
};

/** In the order of preference: what no other program flushes comes first. */
export const wayTable: Readonly<Record<Way, WayFacts>> = {
  sysctl: {
    by: "the kernel's switches (sysctl)",
    onAnyDevice: false,
    lacks: ({ works }) => (works.has('sysctl') ? undefined : '/proc/sys cannot be written'),
    part: isolateBySysctl,
  },
  nftables: {
    by: 'an nftables table',
    onAnyDevice: true,
    lacks: ({ programs, works }) => {
      if (!programs.has('nft')) return 'nft is not installed';
      return works.has('nftables') ? undefined : "this kernel has no tables of nftables' arp family";
    },
    part: isolateByNftables,
  },
  arptables: {
    by: 'arptables rules',
    onAnyDevice: true,
    lacks: ({ programs, works }) => {
      if (!programs.has('arptables')) return 'arptables is not installed';
      return works.has('arptables') ? undefined : 'this kernel has no arptables';
    },
    part: isolateByArptables,
  },
  tc: {
    by: 'a TC program',
    onAnyDevice: true,
    lacks: ({ fairlead }) => (fairlead === undefined ? 'Fairlead is not installed' : undefined),
    part: (vips, senders, { fairlead = 'fairlead' }) => isolateByTc(vips, senders, fairlead),
  },
};

const preferred: readonly Way[] = ['sysctl', 'nftables', 'arptables', 'tc'];

/** The first that the machine has and that works for addresses on such a device. */
export function chooseWay(machine: Machine, isAsked: boolean): Way | undefined {
  return preferred.find(
    (way) => (wayTable[way].onAnyDevice || !isAsked) && wayTable[way].lacks(machine) === undefined,
  );
}
