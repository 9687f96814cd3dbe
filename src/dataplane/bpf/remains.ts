/** What an earlier daemon has left in the thread's namespace: the programs that hang there, and the maps that they lead to. */

import { closeFd, objectId, programMaps } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { FlLimit } from './abi.gen.ts';
import { versionOf } from './carry/earlier.ts';
import { type KnownMapName, knownMapNames, type MapName, mapNames } from './director-maps.ts';
import { type AttachedProgram, anchorProgram, tcPrograms } from './place.ts';
import { isMadeOf, type PresentProgram, presentPrograms } from './present.ts';

export type Remains = {
  readonly programs: readonly PresentProgram[];
  readonly maps: ReadonlyMap<KnownMapName, Fd>;
  /** Those of the programs that are made of what would be loaded, around these maps. */
  readonly own: ReadonlyMap<AttachedProgram, PresentProgram>;
};

/**
 * The anchor leads to the maps; if somebody has cleared lo's filters, so does a program on any other interface.
 * `origin` says what would be loaded.
 */
export function findRemains(origin: Uint8Array): Remains {
  const programs = presentPrograms();
  const maps = programs[0] ? programMaps(programs[0].fd, knownMapNames) : new Map<KnownMapName, Fd>();
  return { programs, maps, own: ownAround(programs, maps, origin) };
}

export function closeRemains({ programs, maps }: Remains): void {
  for (const fd of [...programs.map((program) => program.fd), ...maps.values()]) closeFd(fd);
}

/** Those that are made of `origin`, and work on these maps. */
export function ownAround(
  programs: readonly PresentProgram[],
  maps: ReadonlyMap<KnownMapName, Fd>,
  origin: Uint8Array,
): Remains['own'] {
  const settings = maps.get('settings');
  const own = new Map<AttachedProgram, PresentProgram>();
  for (const program of programs) {
    const { name, fd } = program;
    if (name && settings !== undefined && isMadeOf(fd, origin, settings)) own.set(name, program);
  }
  return own;
}

/** Whether the maps are laid out as by another version. */
export function isForeign({ programs, maps }: Remains): boolean {
  return programs.length > 0 && versionOf(maps.get('settings')) !== FlLimit.FL_LIMIT_ABI_VERSION;
}

/**
 * Behind an anchor of another version, maps of ours that some interface's program works on already: a daemon was killed
 * while it carried them over. The descriptors are the caller's.
 */
export function findBegun({ programs, maps }: Remains): ReadonlyMap<MapName, Fd> | undefined {
  const settings = maps.get('settings');
  for (const { name, fd } of programs) {
    if (name !== tcPrograms.ingress) continue;
    const held = programMaps(fd, mapNames);
    const own = held.get('settings');
    const isOurs = own !== undefined && versionOf(own) === FlLimit.FL_LIMIT_ABI_VERSION;
    if (isOurs && settings !== undefined && objectId(own) !== objectId(settings)) return held;
    for (const map of held.values()) closeFd(map);
  }
  return undefined;
}

/** Those of the programs for interfaces that are there in another version, or wanted and not there. */
export function missingPrograms(
  { programs, own }: Pick<Remains, 'programs' | 'own'>,
  wanted: readonly AttachedProgram[],
): readonly AttachedProgram[] {
  const attached = programs.flatMap(({ name }) => name ?? []);
  const missing = [...attached, ...wanted].filter((name) => name !== anchorProgram && !own.has(name));
  return [...new Set(missing)];
}
