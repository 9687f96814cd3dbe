/** The script for a machine that is not asked: an ordinary one, with this address of its own. Pure. */

import type { Ipv4 } from '../../ipvs/address.ts';
import { familyOf } from '../../ipvs/address.ts';
import type { Machine } from '../join/machine.ts';
import { type Plan, planFor } from '../join/plan.ts';
import type { Wanted } from '../join/wanted.ts';

/** Settings that depend on what a machine has (rp_filter, send_redirects) are left to `push`, which asks it. */
export function planForAddress(wanted: Wanted, rip: Ipv4): Plan {
  return planFor({ ...wanted, rips: [rip] }, ordinary(wanted, rip));
}

/** What such a machine could not be told to do; `undefined` if nothing. */
export function exportRefusal({ vips, way, decapsulate }: Wanted, rip: Ipv4): string | undefined {
  if (way === 'tc')
    return "a script has no program of Fairlead's for --arp tc: say another way, such as --arp sysctl";
  if (decapsulate === 'fairlead')
    return "a script has no program of Fairlead's for --decapsulate fairlead: say --decapsulate kernel";
  if (decapsulate !== 'no' && vips.some((vip) => familyOf(vip) === 6))
    return "a script has the kernel's tunnel device alone, which takes IPv4 out of IPv4 only";
  return vips.some((vip) => vip === rip) ? `${rip} is to be both a virtual address and its own` : undefined;
}

function ordinary({ lasting }: Wanted, rip: Ipv4): Machine {
  const ethernet = { name: 'eth0', isUp: true, isEthernet: true, isDummy: false };
  return {
    ...{ name: rip, isRoot: true, isOwnNamespace: true, fairlead: undefined, forwards: false },
    programs: new Set(),
    works: new Set(['sysctl', 'nftables', 'arptables', 'ipip', ...(lasting ? ['systemd'] : [])]),
    devices: [{ name: 'lo', isUp: true, isEthernet: false, isDummy: false }, ethernet],
    addresses: [{ device: 'eth0', address: rip, prefixLength: 24, isGlobal: true, flags: [] }],
    wayOut: new Set(),
    arpRules: [],
    setting: () => undefined,
  };
}
