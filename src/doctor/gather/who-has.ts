/** Who has an address, asked by a host that is no director. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import { holdPort } from '../../linux/held-port.ts';
import type { LocalInterface } from '../../linux/iproute.ts';
import { answerers } from '../probes/neighbour.ts';
import { openNetwork } from '../probes/network.ts';
import { interfaceOf } from '../segments.ts';

export type WhoHas = { readonly address: Address; readonly interface: string };

/** The MACs that answer for each address that can be asked for, ours left out. `vips` are never asked in the name of. */
export async function whoHas(
  interfaces: readonly LocalInterface[],
  questions: readonly WhoHas[],
  vips: ReadonlySet<Address>,
): Promise<ReadonlyMap<Address, readonly string[]>> {
  const unique = [...new Map(questions.map((one) => [`${one.interface} ${one.address}`, one])).values()];
  const used = interfaces.filter(({ name, isUp }) => isUp && unique.some((one) => one.interface === name));
  const own = new Set(interfaces.flatMap(({ mac }) => mac ?? []));
  const held = holdPort();
  try {
    const network = openNetwork(used, held.port);
    try {
      const answers = unique.map(async ({ address, interface: name }) => {
        const device = used.find((candidate) => candidate.name === name);
        const asker = device && interfaceOf(device, familyOf(address), vips);
        if (!asker) return [];
        const macs = await answerers(network, asker, address);
        return [[address, macs.filter((mac) => !own.has(mac))] as const];
      });
      const found = new Map<Address, readonly string[]>();
      for (const [address, macs] of (await Promise.all(answers)).flat())
        found.set(address, [...(found.get(address) ?? []), ...macs]);
      return found;
    } finally {
      network.close();
    }
  } finally {
    held.close();
  }
}
