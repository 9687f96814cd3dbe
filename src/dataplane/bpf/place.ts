/** Where the director's programs stand on interfaces, and what they are called. */

import type { TcDirection, TcPlace } from '../../linux/bpf-hook.ts';

/** Among other people's filters. */
export const directorPlace: TcPlace = { priority: 50, handle: 0xf1 };

/** lo, which every namespace has: the anchor's. */
export const loopbackIndex = 1;

/**
 * The programs on an interface's clsact qdisc: what comes in, and, only where there may be any (lookout.ts), the replies of
 * this host's own real servers.
 */
export const tcPrograms = {
  ingress: 'fl_director_tc',
  egress: 'fl_director_out',
} as const satisfies Record<TcDirection, string>;

export const tcDirections = ['ingress', 'egress'] as const;

export const xdpProgram = 'fl_director_xdp';
export const anchorProgram = 'fl_anchor';
/** Run once, before there is anything to hang on interfaces (bpf/lib/align.h). */
export const alignProgram = 'fl_align';

/** Programs that hang on interfaces, where a new daemon finds them. */
export const attachedPrograms = [anchorProgram, tcPrograms.ingress, tcPrograms.egress, xdpProgram] as const;
export type AttachedProgram = (typeof attachedPrograms)[number];
