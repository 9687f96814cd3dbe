/** A data plane that can be fed with packets: the kernel's, or the model (dataplane/model). */

import type { DataPlane } from '../../src/dataplane/dataplane.ts';

/** How packets come in: to TC alone, to XDP in front of TC, or to the model. */
export type Hook = 'tc' | 'xdp' | 'model';
export const hooks: readonly Hook[] = ['tc', 'xdp', 'model'];

/** What becomes of a packet. */
export type Fate = 'forwarded' | 'dropped' | 'stack';

export type Seen = {
  readonly fate: Fate;
  /** The hook that had the last word. TC leaves the MACs of what it forwards to the kernel. */
  readonly by: 'tc' | 'xdp';
  /** The packet as it goes on; as it came, where it is dropped. */
  readonly packet: Uint8Array;
  /** Where it was cut into fragments: those that have left before, in order. */
  readonly before?: readonly Uint8Array[];
};

export type Limits = { readonly connections: number; readonly halfOpen: number };

export type Player = {
  readonly hook: Hook;
  readonly plane: DataPlane;
  /** A frame comes in from the wire, by eth0 unless it says otherwise. */
  receive(frame: Uint8Array, device?: string): Seen;
  /** This host sends a frame out of the interface. */
  leave(frame: Uint8Array, device?: string): Seen;
  /** Time passes. */
  advance(milliseconds: number): void;
  /** To be said before anything is configured. */
  limit(limits: Limits): void;
  /** The daemon goes, something happens, and the next daemon takes over what it finds. */
  withoutDaemon(action: () => void): void;
  /** `ip` in the director's namespace, with words divided at blanks (world.ts knows which). */
  ip(words: string): void;
  /** Nothing configured, nothing counted, no connections, everything as at the beginning. */
  clear(): void;
};
