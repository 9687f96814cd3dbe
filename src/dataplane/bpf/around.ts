/** Loading the director's programs around maps that are there, or new ones. */

import { possibleCpus } from '../../linux/bpf-map.ts';
import { type LoadedObject, loadObject, type ObjectFile } from '../../linux/bpf-object.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { FlLimit, objectSha256 } from './abi.gen.ts';
import { countedSlots, type KnownMapName, type MapName, mapNames } from './director-maps.ts';
import { originOf, originSection } from './origin.ts';
import { type AttachedProgram, alignProgram, anchorProgram } from './place.ts';
import type { Source } from './programs.ts';

/** The maps whose size is a setting. */
export const sizedMaps = ['connections', 'templates', 'sip_templates', 'replies'] as const;

/**
 * Templates by Call-ID there are at most, however many connections: each needs 300 octets, and each place for one, 16 that
 * would be taken from the beginning.
 */
const mostCalls = FlLimit.FL_LIMIT_CONNECTIONS;

/** Entries of maps that are made anew, where they are not what the object says. */
export type Sizes = Readonly<Partial<Record<MapName, number>>>;

/** For so many connections. */
export function sizesFor(connections: number): Sizes {
  return {
    ...Object.fromEntries(sizedMaps.map((name) => [name, connections])),
    sip_templates: Math.min(connections, mostCalls),
  };
}

/** Where the programs read whether to go by `test_clock` (bpf/lib/clock.h). */
const clockSection = '.rodata.clock';

export function sourceOf(file: ObjectFile, testClock: boolean) {
  const constants = testClock ? { [clockSection]: Uint8Array.of(1, 0, 0, 0) } : {};
  const origin = originOf(objectSha256, constants);
  const source: Source = { file, constants: { ...constants, [originSection]: origin } };
  return { source, origin };
}

/** The anchor, fl_align and these programs, around the maps that are there. */
export function loadAround<P extends string = never, M extends string = never>(
  source: Source,
  maps: ReadonlyMap<KnownMapName, Fd>,
  names: readonly AttachedProgram[],
  sizes: Sizes = {},
  more: { readonly programs?: readonly P[]; readonly maps?: readonly M[] } = {},
): LoadedObject<AttachedProgram | typeof alignProgram | P, MapName | M> {
  const entries: Sizes = { ...multipliedBy(possibleCpus()), ...sizes };
  return loadObject<AttachedProgram | typeof alignProgram | P, MapName | M>(source.file, {
    programs: [anchorProgram, alignProgram, ...names, ...(more.programs ?? [])],
    maps: [...mapNames, ...(more.maps ?? [])],
    constants: source.constants,
    reuse: maps,
    entries: entries as Readonly<Partial<Record<MapName | M, number>>>,
  });
}

function multipliedBy(cpus: number): Sizes {
  return Object.fromEntries(Object.entries(countedSlots).map(([name, slots]) => [name, slots * cpus]));
}
