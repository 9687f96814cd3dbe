/** The director asks for real servers in the name of a virtual address, which they hold themselves. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import { prefixOf } from '../../ipvs/prefix.ts';
import type { LocalAddress, LocalInterface } from '../../linux/iproute.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import { virtualAddresses } from './common.ts';
import { alone } from './cures.ts';

export const directorAsksAsVip: Disorder = {
  code: 'director-asks-as-vip',
  title: 'The director asks for its real servers in the name of a virtual address',
  breaks:
    'A real server takes a question that comes from an address of its own for forged, and does not answer: the director finds none of them.',
  onDirector: (view) => view.host.interfaces.flatMap((device) => caseOf(view, device) ?? []),
};

function caseOf(view: DirectorView, device: LocalInterface): Case | undefined {
  const vips = virtualAddresses(view);
  const servers = view.probes
    .filter(({ destination }) => view.host.routes.get(destination.address)?.interface === device.name)
    .map(({ destination }) => view.host.routes.get(destination.address)?.gateway ?? destination.address);
  const asked = [...new Set(servers)].filter((server) => {
    const sender = senderTo(device, server);
    return sender !== undefined && vips.includes(sender.address);
  });
  const [first] = asked;
  const sender = first === undefined ? undefined : senderTo(device, first);
  if (!sender) return undefined;
  const own = device.addresses.find(
    (one) => one.family === 4 && !vips.includes(one.address) && isIn(one, sender.address),
  );
  const [vip, name] = [sender.address, device.name];
  const states = view.host.neighbours.filter(
    (entry) => asked.includes(entry.address) && entry.interface === name,
  );
  return {
    problem: `this director asks by ${name} in the name of ${vip} for real servers that hold that address, too`,
    evidence: [
      `the first address of ${name} in their network is ${vip}/${sender.prefix}`,
      `real servers there: ${asked.join(', ')}`,
      ...states.map(({ address, state }) => `ip neigh show ${address}: ${state}`),
    ],
    host: { role: 'director', interface: name },
    vip,
    cure: {
      on: 'director',
      commands: [
        `ip addr del ${vip}/${sender.prefix} dev ${name}`,
        // With the first address of a network the others may go, too (promote_secondaries).
        ...(own ? [`ip addr replace ${own.address}/${own.prefix} dev ${name}`] : []),
        `ip addr add ${alone(vip)} dev ${name}`,
        `ip neigh flush dev ${name}`,
      ],
      note: own
        ? 'it keeps its own address, which is first from now on'
        : `${name} needs an address of its own in that network`,
    },
  };
}

/** What the kernel asks as: the first address of the network that the one asked for is in (inet_select_addr). */
function senderTo({ addresses }: LocalInterface, target: Address): LocalAddress | undefined {
  if (familyOf(target) === 6) return undefined; // there it asks as its link-local address
  return addresses.find((one) => one.family === 4 && !one.isSecondary && isIn(one, target));
}

function isIn({ address, prefix }: LocalAddress, other: Address): boolean {
  return prefixOf(address, prefix).address === prefixOf(other, prefix).address;
}
