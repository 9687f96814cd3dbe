/** What takes packets out of a director's tunnels: the kernel's device for IPv4 in IPv4, or Fairlead's own program. Pure. */

import { type Address, familyOf, type Port } from '../../ipvs/address.ts';
import { decapsulateWords } from '../decapsulate/command.ts';
import type { Machine } from './machine.ts';
import type { Part } from './part.ts';
import { quoted, sysctlName, sysctlStep } from './step.ts';
import { looseFilter } from './switches.ts';
import type { Decapsulator, Wanted } from './wanted.ts';

const device = 'tunl0';

/** The kernel's where it can, because it also takes fragments. */
export function chooseDecapsulator(
  { works, fairlead }: Machine,
  vips: readonly Address[],
): Decapsulator | undefined {
  if (works.has('ipip') && vips.every((vip) => familyOf(vip) === 4)) return 'kernel';
  return fairlead === undefined ? undefined : 'fairlead';
}

export function decapsulation(by: Decapsulator, { vips, guePort }: Wanted, machine: Machine): Part {
  return by === 'kernel' ? byDevice() : byProgram(vips, guePort, machine.fairlead ?? 'fairlead');
}

/**
 * Loading the module makes the device, and so does a look at it by its name. No route to clients leads through it, so
 * that its filter must be loose.
 */
function byDevice(): Part {
  const isThere = `ip -o link | grep -q ' ${device}@'`;
  const up = `ip link set dev ${device} up`;
  const loose = sysctlStep(sysctlName(device, 'rp_filter'), looseFilter);
  return {
    steps: [
      {
        key: `device ${device}`,
        holds: isThere,
        does: 'modprobe ipip',
        undo: 'echo modprobe -r ipip',
      },
      {
        key: `device ${device} up`,
        holds: `ip -o link show up | grep -q ' ${device}@'`,
        does: up,
        undo: `echo ip link set dev ${device} down`,
      },
      loose,
    ],
    start: ['modprobe ipip', up, loose.does],
    needs: ['modules'],
    programs: ['modprobe'],
  };
}

function byProgram(vips: readonly Address[], guePort: Port, fairlead: string): Part {
  const decapsulate = `${quoted(fairlead)} realserver decapsulate`;
  const words = decapsulateWords(vips, guePort);
  return {
    steps: [
      {
        key: 'tc program fl_decapsulate',
        holds: `[ "$(${decapsulate} status --command)" = '${words}' ]`,
        does: `${decapsulate} ${words}`,
        undo: `echo "${decapsulate} $(${decapsulate} status --command)"`,
        ours: `${decapsulate} status`,
      },
    ],
    start: [`${decapsulate} ${words}`],
    needsNetwork: true,
    needs: ['programs'],
    programs: [fairlead],
  };
}
