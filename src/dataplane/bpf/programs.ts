/**
 * The director's BPF programs by name: taken over from an earlier daemon where they hang on some interface, otherwise
 * loaded when they are first wanted. The verifier needs most of a second for all of them.
 */

import { loadObject, type ObjectFile } from '../../linux/bpf-object.ts';
import { bindMap, closeFd } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { type MapName, mapNames } from './director-maps.ts';
import type { Constants } from './origin.ts';
import { type AttachedProgram, anchorProgram, tcPrograms } from './place.ts';

type WalkingProgram = `fl_walk_${'table' | 'outside' | 'templates' | 'sip'}`;

export type ProgramName = AttachedProgram | WalkingProgram | 'fl_relieve';

export type MapFds = Readonly<Record<MapName, Fd>>;

/** What programs are loaded from. */
export type Source = { readonly file: ObjectFile; readonly constants: Constants };

export type Programs = {
  /** Loads those that are not there yet, all in one go. Throws NO_BPF, SYSTEM_CALL. */
  need(names: readonly ProgramName[]): void;
  /** A descriptor, of a program that is loaded now if it was not before. */
  fd(name: ProgramName): Fd;
  close(): void;
};

/** `taken` are there already; their descriptors become its own. Others are loaded around `maps`. */
export function createPrograms(
  { file, constants }: Source,
  maps: MapFds,
  taken: Iterable<readonly [ProgramName, Fd]>,
): Programs {
  const fds = new Map(taken);
  const reuse = new Map(Object.entries(maps));
  const need = (names: readonly ProgramName[]): void => {
    const missing = names.filter((name) => !fds.has(name));
    if (missing.length === 0) return;
    const { programs } = loadObject(file, { programs: missing, maps: [], reuse, constants });
    for (const name of missing) fds.set(name, programs[name]);
    bindAll(programs, maps);
  };
  return {
    need,
    fd: (name) => {
      need([name]);
      return fds.get(name) as Fd;
    },
    close: () => {
      for (const fd of fds.values()) closeFd(fd);
      fds.clear();
    },
  };
}

/** The programs that lead a new daemon to the maps hold all of them, whether they use them or not. */
export function bindAll(programs: Readonly<Partial<Record<ProgramName, Fd>>>, maps: MapFds): void {
  for (const name of [anchorProgram, tcPrograms.ingress] as const) {
    const program = programs[name];
    if (program !== undefined) for (const map of mapNames) bindMap(program, maps[map]);
  }
}
