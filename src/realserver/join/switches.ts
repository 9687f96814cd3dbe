/** Settings of the kernel that keep a real server from dropping packets or from advising clients badly. Pure. */

import type { Address } from '../../ipvs/address.ts';
import type { Machine } from './machine.ts';
import type { Part } from './part.ts';
import { ownAddresses } from './senders.ts';
import { sysctlLine, sysctlName, sysctlStep } from './step.ts';

/** Accept what comes from anywhere that some route leads to (RFC 3704 §2.4). */
export const looseFilter = 2;

/**
 * Requests come in by one interface, and answers may leave by another, where the default route leads: a strict
 * reverse path filter would drop the requests. A host that forwards must not send ICMP redirects for them.
 */
export function switches(machine: Machine, vips: readonly Address[]): Part {
  const devices = [...new Set(ownAddresses(machine, vips).map(({ device }) => device))];
  const elsewhere = (device: string): boolean => machine.wayOut.size > 0 && !machine.wayOut.has(device);
  const strict = devices.filter((device) => elsewhere(device) && filterOf(machine, device) !== 0);
  const redirecting = machine.forwards ? ['all', ...devices] : [];
  const settings = [
    ...strict.map((device) => [sysctlName(device, 'rp_filter'), looseFilter] as const),
    ...redirecting.map((device) => [sysctlName(device, 'send_redirects'), 0] as const),
  ];
  return {
    steps: settings.map(([name, value]) => sysctlStep(name, value)),
    settings: settings.map(([name, value]) => sysctlLine(name, value)),
  };
}

/** What holds on an interface: the larger of its own value and that of `all`. */
function filterOf({ setting }: Machine, device: string): number {
  return Math.max(setting('all', 'rp_filter') ?? 0, setting(device, 'rp_filter') ?? 0);
}
