/** The virtual addresses and the interface they are on. Pure. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import type { Machine } from './machine.ts';
import type { Part } from './part.ts';
import { hostPrefix, type Step } from './step.ts';

/** Whether an interface of this name is made where there is none. */
export function isMade(device: string): boolean {
  return /^dummy/.test(device);
}

/** The interface is there, and up. */
export function deviceOf(machine: Machine, device: string): Part {
  const present = machine.devices.find(({ name }) => name === device);
  if (isMade(device) && (present === undefined || present.isDummy)) return dummy(device);
  return { steps: present?.isUp ? [] : [upStep(device)] };
}

function dummy(device: string): Part {
  const made: Step = {
    key: `device ${device}`,
    holds: `ip -o -d link show dev ${device} | grep -q ' dummy '`,
    does: `ip link add ${device} type dummy`,
    undo: `echo ip link del ${device}`,
  };
  return {
    steps: [made, upStep(device)],
    start: [`${made.holds} || ${made.does}`, `ip link set dev ${device} up`],
  };
}

function upStep(device: string): Step {
  return {
    key: `device ${device} up`,
    holds: `ip -o link show dev ${device} up | grep -q .`,
    does: `ip link set dev ${device} up`,
    undo: `echo ip link set dev ${device} down`,
  };
}

/** As a host's own and nobody's neighbour: with a shorter prefix, clients beside it would seem to be on this host. */
export function addressesOn(device: string, vips: readonly Address[]): Part {
  return {
    steps: vips.map((vip) => addressStep(device, vip)),
    start: vips.map((vip) => addressLine('replace', device, vip)),
    stop: vips.map((vip) => `ip address del ${hostPrefix(vip)} dev ${device}`),
  };
}

/** The key of the step that puts the address there. */
export function addressKey(device: string, vip: Address): string {
  return `address ${hostPrefix(vip)} on ${device}`;
}

function addressStep(device: string, vip: Address): Step {
  const prefix = hostPrefix(vip);
  return {
    key: addressKey(device, vip),
    holds: `ip -o address show dev ${device} to ${prefix} | grep -qF ' ${prefix} '`,
    does: addressLine('add', device, vip),
    undo: `echo ip address del ${prefix} dev ${device}`,
  };
}

/**
 * In IPv6 without duplicate address detection, which would find the director, and never as a source of our own
 * (RFC 6724 rule 3: deprecated addresses come last).
 */
function addressLine(verb: 'add' | 'replace', device: string, vip: Address): string {
  const line = `ip address ${verb} ${hostPrefix(vip)} dev ${device}`;
  return familyOf(vip) === 6 ? `${line} nodad preferred_lft 0` : line;
}
