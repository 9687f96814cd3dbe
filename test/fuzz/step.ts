/**
 * A case: what is done to a data plane, one step after the other, as plain data. The fuzzer makes them, shrinks them
 * and writes them down (test/fuzz/cases/). Pure.
 */

import type { MarkRule } from '../../src/ipvs/mark-rule.ts';
import type { Destination, Service } from '../../src/ipvs/service.ts';
import type { SysctlName } from '../../src/ipvs/sysctl.ts';
import type { Timeouts } from '../../src/ipvs/timeouts.ts';
import type { Packet } from '../support/frame/fields.ts';

/** Services and real servers are named as in `serviceKeyText` and `destinationKeyText`. */
export type Step =
  | { readonly do: 'packet'; readonly at: string; readonly packet: Packet }
  /** This host sends it out of the interface. */
  | { readonly do: 'leave'; readonly at: string; readonly packet: Packet }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'add-service'; readonly service: Service }
  | { readonly do: 'edit-service'; readonly service: Service }
  | { readonly do: 'remove-service'; readonly service: string }
  | { readonly do: 'remove-all' }
  | { readonly do: 'add-server'; readonly service: string; readonly server: Destination }
  | { readonly do: 'edit-server'; readonly service: string; readonly server: Destination }
  | { readonly do: 'remove-server'; readonly service: string; readonly server: string }
  | { readonly do: 'zero'; readonly service: string }
  | { readonly do: 'sysctl'; readonly name: SysctlName; readonly value: number }
  | { readonly do: 'timeouts'; readonly timeouts: Timeouts }
  | { readonly do: 'marks'; readonly rules: readonly MarkRule[] }
  | { readonly do: 'defend'; readonly availablePages: number }
  | { readonly do: 'purge' }
  /** The daemon goes, and the next one takes over what it finds. */
  | { readonly do: 'restart' };

export type Hook = 'tc' | 'xdp';

export type Case = {
  /** Where it came from, or what it shows. */
  readonly name: string;
  /** `xdp`: XDP stands in front of TC. */
  readonly hook: Hook;
  /** Entries that the table may hold, and how many of them half-open. */
  readonly limits: { readonly connections: number; readonly halfOpen: number };
  readonly steps: readonly Step[];
};

export const roomy: Case['limits'] = { connections: 65_536, halfOpen: 65_536 };
