/** What becomes of a frame. */

import type { Address } from '../../ipvs/address.ts';

export type Outcome =
  /** Left to the kernel, which takes it up the stack or out: as it came, or translated. */
  | { readonly fate: 'stack'; readonly frame: Uint8Array }
  | { readonly fate: 'dropped' }
  /** Handed to the kernel to be sent to a neighbour: it writes the MACs, which here are those the frame came with. */
  | {
      readonly fate: 'redirected';
      /** Where the packet was cut, its last fragment; those before it have left by then, with the neighbour's MAC. */
      readonly frame: Uint8Array;
      readonly before: readonly Uint8Array[];
      readonly interface: number;
      readonly nextHop: Address;
    }
  /** Sent by XDP, MACs and all. */
  | { readonly fate: 'forwarded'; readonly frame: Uint8Array; readonly interface: number };
