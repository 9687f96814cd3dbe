/** Why a machine cannot be made such a real server: one sentence that says how to mend it. Pure. */

import { type Address, familyOf, isLoopback } from '../../ipvs/address.ts';
import type { Machine } from './machine.ts';
import { isMade } from './place.ts';
import { ownAddresses, sendersOf } from './senders.ts';
import { hostPrefix } from './step.ts';
import { chooseDecapsulator } from './tunnel.ts';
import type { Wanted } from './wanted.ts';
import { talkativeDevice } from './ways/sysctl.ts';
import { chooseWay, wayTable } from './ways/ways.ts';

type Question = (wanted: Wanted, machine: Machine) => string | undefined;

/** The first thing that stands in the way, or `undefined`. */
export const refusalOf: Question = (wanted, machine) => {
  for (const question of [rootIsMissing, notLasting, deviceIsWrong, someAddress, someRip, noWay, noTunnel]) {
    const answer = question(wanted, machine);
    if (answer !== undefined) return answer;
  }
  return undefined;
};

/** Whether neighbours ask for addresses of this interface by ARP: it is neither the loopback nor a dummy. */
export function isAsked({ devices }: Machine, device: string): boolean {
  return devices.some(({ name, isEthernet }) => name === device && isEthernet);
}

const rootIsMissing: Question = (_, { isRoot }) =>
  isRoot ? undefined : 'we are not root there: root@HOST, or --sudo';

const notLasting: Question = ({ lasting }, { isOwnNamespace, programs }) => {
  if (!lasting) return undefined;
  if (!isOwnNamespace)
    return "nothing brings this network namespace back at boot, it is not the machine's own: say --runtime";
  return programs.has('systemctl')
    ? undefined
    : 'there is no systemd to bring it back at boot: say --runtime';
};

const deviceIsWrong: Question = ({ device, vips }, machine) => {
  const found = machine.devices.find(({ name }) => name === device);
  if (!found)
    return isMade(device) ? undefined : `no such interface: ${device} (ip link shows those there are)`;
  if (!found.isUp && device !== 'lo' && !found.isDummy)
    return `interface ${device} is down: ip link set ${device} up`;
  const v6 = vips.find((vip) => familyOf(vip) === 6);
  return isAsked(machine, device) && v6 !== undefined
    ? `${v6} would be answered for on ${device}: IPv6 addresses go on lo or a dummy interface (--device)`
    : undefined;
};

const someAddress: Question = (wanted, machine) => {
  for (const vip of wanted.vips) {
    const problem = addressProblem(vip, wanted, machine);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

function addressProblem(
  vip: Address,
  { vips, device, rips, decapsulate }: Wanted,
  machine: Machine,
): string | undefined {
  const family = familyOf(vip);
  if (vips.filter((other) => other === vip).length > 1) return `${vip} is named twice`;
  if (isLoopback(vip)) return `${vip} is a loopback address, which no client can reach`;
  if (rips.some((rip) => rip === vip))
    return `${vip} is to be both a virtual address and the machine's own (--rip)`;
  const full = family === 4 ? 32 : 128;
  for (const there of machine.addresses.filter(({ address }) => address === vip)) {
    if (there.device === device && there.prefixLength === full) continue;
    const remove = `ip address del ${vip}/${there.prefixLength} dev ${there.device}`;
    if (there.prefixLength < full && isAsked(machine, there.device))
      return `${vip}/${there.prefixLength} on ${there.device} is an address of the machine's own; a virtual one is ${hostPrefix(vip)} (if it is one: ${remove})`;
    return `${vip}/${there.prefixLength} is on ${there.device} already: ${remove}`;
  }
  const own = ownAddresses(machine, vips).some(({ address }) => familyOf(address) === family);
  return own || decapsulate !== 'no'
    ? undefined
    : `${vip} is of IPv${family}, and no Ethernet interface here has an IPv${family} address of its own`;
}

const someRip: Question = ({ vips, rips }, machine) => {
  const own = ownAddresses(machine, vips).map(({ address }) => address);
  const stranger = rips.find((rip) => !own.includes(rip));
  return stranger && `${stranger} is none of its addresses, which are ${own.join(' ') || 'none'}`;
};

const noWay: Question = ({ vips, way, device, rips }, machine) => {
  if (!vips.some((vip) => familyOf(vip) === 4)) return undefined;
  const chosen = way === 'auto' ? chooseWay(machine, isAsked(machine, device)) : way;
  if (chosen === undefined) {
    const lacks = Object.values(wayTable).flatMap(({ lacks }) => lacks(machine) ?? []);
    return `there is no way to keep it from answering ARP: ${lacks.join('; ')}`;
  }
  const lacks = wayTable[chosen].lacks(machine);
  if (lacks !== undefined) return `no ARP isolation by ${chosen}: ${lacks}`;
  if (chosen !== 'sysctl')
    return sendersOf(machine, vips, rips).length > 0
      ? undefined
      : 'ARP has no address to show instead of the virtual one: no Ethernet interface has an IPv4 address';
  if (isAsked(machine, device))
    return `the kernel's switches do not silence addresses of ${device} itself: --device lo, or --arp nftables`;
  const talkative = talkativeDevice(machine);
  return talkative && `${talkative} answers all the same: sysctl -w net.ipv4.conf.${talkative}.arp_ignore=0`;
};

const noTunnel: Question = ({ vips, decapsulate }, machine) => {
  if (decapsulate === 'no') return undefined;
  const chosen = decapsulate === 'auto' ? chooseDecapsulator(machine, vips) : decapsulate;
  const v6 = vips.find((vip) => familyOf(vip) === 6);
  if (chosen === 'kernel' && v6 !== undefined)
    return `the kernel's tunnel device takes IPv4 out of IPv4 only, not ${v6}: --decapsulate fairlead`;
  if (chosen === 'kernel' && !machine.works.has('ipip'))
    return 'this kernel has no tunnel device (ipip): --decapsulate fairlead';
  if (chosen === 'fairlead' && machine.fairlead === undefined)
    return 'Fairlead is not installed there to take packets out of tunnels';
  return chosen === undefined
    ? 'nothing there takes packets out of tunnels: the kernel has no ipip device, and Fairlead is not installed'
    : undefined;
};
