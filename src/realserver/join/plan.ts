/** What is wanted, and what a machine is: which steps make it such a real server. Pure. */

import { type Address, familyOf, type Ipv4 } from '../../ipvs/address.ts';
import type { Machine } from './machine.ts';
import type { Part } from './part.ts';
import { persistence, service } from './persist.ts';
import { addressesOn, deviceOf } from './place.ts';
import { isAsked } from './refusal.ts';
import { sendersOf } from './senders.ts';
import type { Step } from './step.ts';
import { switches } from './switches.ts';
import { chooseDecapsulator, decapsulation } from './tunnel.ts';
import type { Decapsulator, Wanted, Way } from './wanted.ts';
import { chooseWay, wayTable } from './ways/ways.ts';

export type Plan = {
  /** With what was chosen in the place of `auto`. */
  readonly wanted: Wanted;
  /** `undefined` where IPv6 needs none. */
  readonly way: Way | undefined;
  readonly decapsulator: Decapsulator | undefined;
  /** In this order; taken back in the reverse one. */
  readonly steps: readonly Step[];
  /** The machine's own addresses that it goes by. */
  readonly own: readonly Ipv4[];
  /** What the steps call. */
  readonly programs: readonly string[];
};

/** For a machine that `refusalOf` has nothing against. ARP isolation comes first, the addresses last. */
export function planFor(wanted: Wanted, machine: Machine): Plan {
  const { vips, device, rips } = wanted;
  const way = wayFor(wanted, machine);
  const decapsulator = decapsulatorFor(wanted, machine);
  const v4 = vips.filter((vip): vip is Ipv4 => familyOf(vip) === 4);
  const senders = sendersOf(machine, vips, rips);
  const before: readonly Part[] = [
    switches(machine, vips),
    ...(way === undefined ? [] : [wayTable[way].part(v4, senders, machine)]),
    deviceOf(machine, device),
    ...(decapsulator === undefined ? [] : [decapsulation(decapsulator, wanted, machine)]),
  ];
  const addresses = addressesOn(device, vips);
  const parts = wanted.lasting
    ? [...before, persistence(vips, [...before, addresses], machine), addresses, service(machine)]
    : [...before, addresses];
  return {
    ...{ way, decapsulator },
    wanted: { ...wanted, way: way ?? wanted.way, decapsulate: decapsulator ?? 'no' },
    own: way === undefined || way === 'sysctl' ? [] : [...new Set(senders.map(({ address }) => address))],
    steps: parts.flatMap(({ steps }) => steps),
    programs: [...new Set(['ip', 'awk', ...parts.flatMap(({ programs = [] }) => programs)])],
  };
}

function wayFor({ vips, way, device }: Wanted, machine: Machine): Way | undefined {
  if (!hasIpv4(vips)) return undefined;
  return way === 'auto' ? chooseWay(machine, isAsked(machine, device)) : way;
}

function decapsulatorFor({ vips, decapsulate }: Wanted, machine: Machine): Decapsulator | undefined {
  if (decapsulate === 'no') return undefined;
  return decapsulate === 'auto' ? chooseDecapsulator(machine, vips) : decapsulate;
}

function hasIpv4(vips: readonly Address[]): boolean {
  return vips.some((vip) => familyOf(vip) === 4);
}
