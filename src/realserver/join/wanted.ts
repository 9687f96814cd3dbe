/** What a real server is to be, before anything is known about the machine. Pure. */

import type { Address, Ipv4, Port } from '../../ipvs/address.ts';

/** How a machine is kept from answering and asking by ARP in a virtual address's name. */
export const ways = ['sysctl', 'arptables', 'nftables', 'tc'] as const;
export type Way = (typeof ways)[number];

/** What takes packets out of a director's tunnel: the kernel's tunnel device (ipip only), or Fairlead's own program. */
export const decapsulators = ['kernel', 'fairlead'] as const;
export type Decapsulator = (typeof decapsulators)[number];

export type Wanted = {
  /** At least one, each once. */
  readonly vips: readonly Address[];
  /** `auto`: what the machine has, in the order of `ways`. */
  readonly way: Way | 'auto';
  /** Where the addresses go. A dummy interface that is not there is made. */
  readonly device: string;
  /** The machine's own addresses that ARP may show instead; without them those of its interfaces. */
  readonly rips: readonly Ipv4[];
  readonly decapsulate: Decapsulator | 'auto' | 'no';
  readonly guePort: Port;
  /** Kept across reboots. */
  readonly lasting: boolean;
};

/** One line that `wantedFrom` reads again. */
export function wantedText(wanted: Wanted): string {
  return JSON.stringify(wanted);
}

/** `undefined` for what `wantedText` has not written. */
export function wantedFrom(text: string): Wanted | undefined {
  try {
    const value = JSON.parse(text) as Wanted;
    return Array.isArray(value.vips) ? value : undefined;
  } catch {
    return undefined;
  }
}
