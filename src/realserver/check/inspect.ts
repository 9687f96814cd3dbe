/**
 * A real server seen from the inside: whether it holds its virtual addresses as it should, and keeps quiet about them,
 * however that was set up. Pure.
 */

import { type Address, familyOf, type Ipv4 } from '../../ipvs/address.ts';
import type { Device, DeviceAddress, Machine } from '../join/machine.ts';
import { hostPrefix, sysctlName } from '../join/step.ts';
import { fateBy } from './arp-rules.ts';

export type RowCode =
  | 'vip-missing'
  | 'vip-prefix'
  | 'vip-tentative'
  | 'answers-arp'
  | 'asks-in-its-name'
  | 'reverse-path-filter'
  | 'not-as-joined';

export type Row = {
  readonly code: RowCode;
  readonly state: 'good' | 'wrong' | 'unknown';
  /** What was seen, in a sentence. */
  readonly evidence: string;
  readonly vip?: Address;
  /** Of what is wrong: what does not work because of it, and the commands that mend it. */
  readonly breaks?: string;
  readonly cure?: readonly string[];
};

/** Whether Fairlead's own programs on TC isolate an address on an interface. */
export type ByProgram = (vip: Ipv4, device: string) => boolean;

export function inspect(
  machine: Machine,
  vips: readonly Address[],
  byProgram: ByProgram = () => false,
): readonly Row[] {
  return [...vips.flatMap((vip) => rowsOf(machine, vip, byProgram)), ...filterRows(machine, vips)];
}

function rowsOf(machine: Machine, vip: Address, byProgram: ByProgram): readonly Row[] {
  const held = machine.addresses.filter(({ address }) => address === vip);
  const [first] = held;
  if (first === undefined) return [missingRow(vip)];
  const rows = held.flatMap((each) => [prefixRow(each), ...tentativeRows(each)]);
  if (familyOf(vip) === 6) return rows;
  const asked = machine.devices.filter(({ isEthernet, isUp }) => isEthernet && isUp);
  return [...rows, ...asked.flatMap((device) => arpRows(machine, vip as Ipv4, device, held, byProgram))];
}

function missingRow(vip: Address): Row {
  return {
    ...{ code: 'vip-missing', state: 'wrong', vip, evidence: `${vip} is on no interface` },
    breaks: 'packets for it arrive and are dropped',
    cure: [`fairlead realserver join ${vip}`],
  };
}

function prefixRow(held: DeviceAddress): Row {
  const { address: vip, device, prefixLength } = held;
  const evidence = `${vip}/${prefixLength} is on ${device}`;
  if (`${vip}/${prefixLength}` === hostPrefix(vip))
    return { code: 'vip-prefix', state: 'good', vip, evidence };
  return {
    ...{ code: 'vip-prefix', state: 'wrong', vip, evidence },
    breaks: 'clients in that network seem to be behind that interface, and get no answers',
    cure: anew(held),
  };
}

function tentativeRows(held: DeviceAddress): readonly Row[] {
  const { address: vip, device, flags } = held;
  const flag = ['dadfailed', 'tentative'].find((each) => flags.includes(each));
  if (flag === undefined) return [];
  return [
    {
      ...{ code: 'vip-tentative', state: 'wrong', vip, evidence: `${vip} on ${device} is ${flag}` },
      breaks: 'the kernel looks for another host with the address, finds the director, and does not use it',
      cure: anew(held),
    },
  ];
}

/** Off, and on again as it should be. */
function anew({ address, device, prefixLength }: DeviceAddress): readonly string[] {
  return [`ip address del ${address}/${prefixLength} dev ${device}`, `fairlead realserver join ${address}`];
}

/** For each interface the larger of its own value and that of `all` counts. */
function effective({ setting }: Machine, device: string, name: string): number {
  return Math.max(setting('all', name) ?? 0, setting(device, name) ?? 0);
}

function arpRows(
  machine: Machine,
  vip: Ipv4,
  { name: device }: Device,
  held: readonly DeviceAddress[],
  byProgram: ByProgram,
): readonly Row[] {
  const [ignore, announce] = ['arp_ignore', 'arp_announce'].map((name) => effective(machine, device, name));
  const rules = fateBy(machine.arpRules, vip, device);
  const program = byProgram(vip, device);
  const there = held.find((each) => each.device === device);
  const bySwitch = ignore === 8 || ((ignore === 1 || ignore === 2) && there === undefined);
  const silent = bySwitch || rules.silent || program;
  const discreet = announce === 2 || rules.discreet || program;
  const state = (good: boolean): Row['state'] => (good ? 'good' : rules.unclear ? 'unknown' : 'wrong');
  const where = there ? `, ${vip} is on ${device} itself` : '';
  const why = (name: string, value: number | undefined): string =>
    `${name} is ${value} on ${device}${where}${rules.unclear ? ', and there are ARP rules that are not understood' : ''}`;
  const cure = there ? anew(there) : [`fairlead realserver join ${vip}`];
  return [
    {
      ...{ code: 'answers-arp', state: state(silent), vip },
      ...(silent
        ? { evidence: `it does not answer ARP for ${vip} on ${device}` }
        : {
            evidence: `it answers ARP for ${vip} on ${device}: ${why('arp_ignore', ignore)}`,
            breaks: 'clients learn this machine, pass the director by, and are bound to this one server',
            cure,
          }),
    },
    {
      ...{ code: 'asks-in-its-name', state: state(discreet), vip },
      ...(discreet
        ? { evidence: `it does not ask in the name of ${vip} on ${device}` }
        : {
            evidence: `it asks by ARP in the name of ${vip} on ${device}: ${why('arp_announce', announce)}`,
            breaks: 'who is asked learns this machine for the address, and passes the director by',
            cure,
          }),
    },
  ];
}

/** Requests that come in where answers do not leave. */
function filterRows(machine: Machine, vips: readonly Address[]): readonly Row[] {
  if (machine.wayOut.size === 0 || !vips.some((vip) => familyOf(vip) === 4)) return [];
  const strict = machine.devices.filter(
    ({ name, isEthernet, isUp }) =>
      isEthernet && isUp && !machine.wayOut.has(name) && effective(machine, name, 'rp_filter') === 1,
  );
  return strict.map(({ name }) => ({
    ...{ code: 'reverse-path-filter', state: 'wrong' },
    evidence: `rp_filter is 1 on ${name}, and the default route leaves by ${[...machine.wayOut].join(' ')}`,
    breaks: `requests of clients behind routers that come in by ${name} are dropped`,
    cure: [`sysctl -w ${sysctlName(name, 'rp_filter')}=2`],
  }));
}
