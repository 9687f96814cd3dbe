/**
 * ARP isolation by the kernel's own switches (Documentation/networking/ip-sysctl.rst). For each interface the larger
 * of its own value and that of `all` counts, so `all` is enough.
 */

import type { Ipv4 } from '../../../ipvs/address.ts';
import type { Machine } from '../machine.ts';
import type { Part } from '../part.ts';
import type { Sender } from '../senders.ts';
import { sysctlLine, sysctlName, sysctlStep } from '../step.ts';

/** arp_ignore: 1 answers for an address only where it is; 2 only to its neighbours, 8 never, which will do as well. */
const silentValues = [1, 2, 8];
/** arp_announce: 2 asks with an address of the interface that is asked by. */
const discreetValue = 2;

export function isolateBySysctl(_vips: readonly Ipv4[], _senders: readonly Sender[], machine: Machine): Part {
  const now = machine.setting('all', 'arp_ignore');
  const ignore = now !== undefined && silentValues.includes(now) ? now : 1;
  const settings = [
    [sysctlName('all', 'arp_ignore'), ignore],
    [sysctlName('all', 'arp_announce'), discreetValue],
  ] as const;
  return {
    steps: settings.map(([name, value]) => sysctlStep(name, value)),
    settings: settings.map(([name, value]) => sysctlLine(name, value)),
    programs: ['sysctl'],
  };
}

/** An interface whose own switch outweighs that of `all` and answers all the same. */
export function talkativeDevice({ devices, setting }: Machine): string | undefined {
  const talkative = (name: string): boolean => {
    const own = setting(name, 'arp_ignore') ?? 0;
    return own > 1 && !silentValues.includes(own);
  };
  return devices.find(({ name, isEthernet }) => isEthernet && talkative(name))?.name;
}
