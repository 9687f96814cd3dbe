/**
 * The director's BPF object: loading it, and finding the one that is there.
 *
 * There are no pins. The programs hang on interfaces and hold their maps; a program on `lo`, which every
 * namespace has, is bound to all maps and is the anchor through which a new daemon finds them again.
 */

import { FairleadError } from '../../ipvs/errors.ts';
import { attachTc, detachTc, queryTc, type TcPlace } from '../../linux/bpf-hook.ts';
import { mapLookup } from '../../linux/bpf-map.ts';
import { type LoadedObject, loadObjectFile } from '../../linux/bpf-object.ts';
import { bindMap, closeFd, mapById, mapName, programById, programMapIds } from '../../linux/bpf-program.ts';
import { collectLog, type Fd } from '../../linux/libbpf.ts';
import { listLinks } from '../../linux/links.ts';
import { FlLimit, flSettings } from './abi.gen.ts';
import { type MapName, mapNames } from './director-maps.ts';
import { decode } from './layout.ts';

const programNames = [
  'fl_director_tc',
  'fl_director_xdp',
  'fl_director_out',
  'fl_anchor',
  'fl_sweep',
  'fl_sweep_templates',
  'fl_sweep_sip',
  'fl_relieve',
] as const;
export type DirectorObject = LoadedObject<(typeof programNames)[number], MapName>;

/** Where the director's TC programs stand, among other people's filters. */
export const directorPlace: TcPlace = { priority: 50, handle: 0xf1 };
const loopbackIndex = 1;

export type Loaded = {
  readonly object: DirectorObject;
  /** The anchor's program id: while it exists, so does the namespace's data plane. */
  readonly anchor: number;
};

export type LoadOptions = {
  /** Entries of the connection table, if it is made anew. */
  readonly connections?: number;
  /** Whether the programs go by the map `test_clock` instead of the time. */
  readonly testClock?: boolean;
};

/** The maps whose size is a setting. */
const sizedMaps = ['connections', 'templates', 'sip_templates', 'replies'] as const;

/** Where the programs read whether to go by `test_clock` (bpf/lib/clock.h). */
const clockSection = '.rodata.clock';

/**
 * Loads the programs, around the maps of an earlier daemon where there are any, and puts the anchor on lo.
 * `initialise` fills new maps before anything can find them. Acts in the thread's namespace. Throws
 * FOREIGN_DATA_PLANE for maps of another layout.
 */
export function loadDirector(
  path: string,
  { connections, testClock = false }: LoadOptions,
  initialise: (object: DirectorObject) => void,
): Loaded {
  collectLog();
  const existing = findMaps();
  try {
    if (existing) refuseForeign(existing);
    const object = loadObjectFile({
      path,
      programs: programNames,
      maps: mapNames,
      ...(existing && { reuse: existing }),
      ...(connections && { entries: Object.fromEntries(sizedMaps.map((name) => [name, connections])) }),
      ...(testClock && { constants: { [clockSection]: Uint8Array.of(1, 0, 0, 0) } }),
    });
    try {
      const { fl_anchor, fl_director_tc } = object.programs;
      if (!existing) initialise(object);
      for (const program of [fl_anchor, fl_director_tc]) {
        for (const name of mapNames) bindMap(program, object.maps[name]);
      }
      const anchor = attachTc(loopbackIndex, fl_anchor, directorPlace);
      object.release('fl_anchor');
      return { object, anchor };
    } catch (error) {
      object.close();
      throw error;
    }
  } finally {
    for (const fd of existing?.values() ?? []) closeFd(fd);
  }
}

/** Takes the anchor off. With it and the interfaces' programs gone, the kernel frees everything. */
export function dropAnchor(): void {
  detachTc(loopbackIndex, directorPlace);
}

/** Whether a data plane is still attached somewhere. */
export function anchorLives(anchor: number): boolean {
  const fd = programById(anchor);
  if (fd === undefined) return false;
  closeFd(fd);
  return true;
}

/**
 * The maps of an earlier daemon. The anchor on lo leads to them; if somebody has cleared lo's filters, so
 * does the director's program on any other interface.
 */
function findMaps(): ReadonlyMap<string, Fd> | undefined {
  for (const index of [loopbackIndex, ...listLinks().map((link) => link.index)]) {
    const id = queryTc(index, directorPlace);
    const program = id === undefined ? undefined : programById(id);
    if (program === undefined) continue;
    try {
      return mapsOf(program);
    } finally {
      closeFd(program);
    }
  }
  return undefined;
}

function mapsOf(program: Fd): ReadonlyMap<string, Fd> {
  const found = new Map<string, Fd>();
  for (const id of programMapIds(program)) {
    const fd = mapById(id);
    if (fd === undefined) continue;
    const name = mapName(fd);
    // libbpf binds the object's constants (.rodata) to every program too: those belong to the old code.
    if (mapNames.some((known) => known === name)) found.set(name, fd);
    else closeFd(fd);
  }
  return found;
}

function refuseForeign(maps: ReadonlyMap<string, Fd>): void {
  const fd = maps.get('settings');
  const bytes = new Uint8Array(flSettings.size);
  const version =
    fd !== undefined && mapLookup(fd, new Uint8Array(4), bytes) ? decode(flSettings, bytes).abiVersion : 0;
  if (version === FlLimit.FL_LIMIT_ABI_VERSION) return;
  throw new FairleadError(
    'FOREIGN_DATA_PLANE',
    `it has layout ${version}, this one ${FlLimit.FL_LIMIT_ABI_VERSION}; take it off with 'fairlead unload' of the version that loaded it`,
  );
}
