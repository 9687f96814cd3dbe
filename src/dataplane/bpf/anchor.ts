/**
 * How a data plane comes up, and how the one that is there is found.
 *
 * There are no pins. The programs hang on interfaces and hold their maps; a program on `lo`, which every
 * namespace has, is bound to all maps and is the anchor through which a new daemon finds them again.
 */

import { FairleadError } from '../../ipvs/errors.ts';
import { attachTc, detachTc, detachXdp, queryXdp } from '../../linux/bpf-hook.ts';
import { mapLookup, possibleCpus } from '../../linux/bpf-map.ts';
import { type LoadedObject, loadObject, type ObjectFile } from '../../linux/bpf-object.ts';
import { closeFd, duplicateFd, objectId, programById, programMaps } from '../../linux/bpf-program.ts';
import { collectLog, type Fd } from '../../linux/libbpf.ts';
import { listLinks } from '../../linux/links.ts';
import { FlLimit, flSettings, objectSha256 } from './abi.gen.ts';
import { countedSlots, type MapName, mapNames } from './director-maps.ts';
import { decode } from './layout.ts';
import { originOf, originSection } from './origin.ts';
import {
  type AttachedProgram,
  alignProgram,
  anchorProgram,
  directorPlace,
  loopbackIndex,
  tcDirections,
  xdpProgram,
} from './place.ts';
import { isMadeOf, type PresentProgram, presentPrograms } from './present.ts';
import {
  bindAll,
  createPrograms,
  type MapFds,
  type ProgramName,
  type Programs,
  type Source,
} from './programs.ts';

export type LoadOptions = {
  /** Entries of the connection table, if it is made anew. */
  readonly connections?: number;
  /** Whether the programs go by the map `test_clock` instead of the time. */
  readonly testClock?: boolean;
  /** Whether maps of another layout are taken off, with all that they hold, instead of being refused. */
  readonly discards?: boolean;
  /** What a rehearsal has loaded already. */
  readonly prepared?: Prepared | undefined;
};

/** Programs that the kernel has accepted, around the maps that are there, and that are not attached yet. */
export type Prepared = {
  readonly names: readonly AttachedProgram[];
  /** Of the map `settings` that they work on. */
  readonly settings: number;
  readonly object: LoadedObject<AttachedProgram | typeof alignProgram, MapName>;
};

export type Loaded = {
  readonly programs: Programs;
  readonly maps: MapFds;
  /** The anchor's program id: while it exists, so does the namespace's data plane. */
  readonly anchor: number;
  /** Whether the maps have just been made. */
  readonly isNew: boolean;
  /** Closes every descriptor. What is attached stays. */
  close(): void;
};

/** What an earlier daemon has left: the programs that hang there, and the maps that they lead to. */
type Remains = {
  readonly programs: readonly PresentProgram[];
  readonly maps: ReadonlyMap<MapName, Fd>;
  /** Those of the programs that are made of what would be loaded. */
  readonly own: ReadonlyMap<AttachedProgram, PresentProgram>;
};

/** The maps whose size is a setting. */
const sizedMaps = ['connections', 'templates', 'sip_templates', 'replies'] as const;

const multipliedBy = (cpus: number): Readonly<Partial<Record<MapName, number>>> =>
  Object.fromEntries(Object.entries(countedSlots).map(([name, slots]) => [name, slots * cpus]));

/** Where the programs read whether to go by `test_clock` (bpf/lib/clock.h). */
const clockSection = '.rodata.clock';

/**
 * Takes over what is attached in the thread's namespace, as far as it is made of this object, or else loads it around
 * the maps that are there, or around new ones, which `initialise` fills, with fl_align's help, before anything can find
 * them. Of the programs for interfaces those that are `wanted`, or stand there in another version, are loaded before
 * anything is changed.
 * Throws FOREIGN_DATA_PLANE for maps of another layout, NO_BPF, SYSTEM_CALL.
 */
export function openAnchor(
  file: ObjectFile,
  { connections, testClock = false, discards = false, prepared }: LoadOptions,
  wanted: readonly AttachedProgram[],
  initialise: (maps: MapFds, align: Fd) => void,
): Loaded {
  collectLog();
  const { source, origin } = sourceOf(file, testClock);
  const found = findRemains(origin);
  const isForeign = found.programs.length > 0 && layoutOf(found.maps) !== FlLimit.FL_LIMIT_ABI_VERSION;
  if (isForeign && discards) takeOff(found);
  const remains = isForeign && discards ? findRemains(origin) : found;
  try {
    if (remains.programs.length > 0) refuseForeign(remains.maps);
    const fresh = { connections, wanted, initialise, prepared: fitting(prepared, remains, wanted) };
    if (prepared && !fresh.prepared) prepared.object.close();
    return adopted(source, remains) ?? loaded(source, remains, fresh);
  } finally {
    closeRemains(remains);
  }
}

/** Everything at the director's places, whatever it is made of. */
function takeOff(remains: Remains): void {
  closeRemains(remains);
  for (const index of [loopbackIndex, ...listLinks().map((link) => link.index)]) {
    for (const direction of tcDirections) detachTc(index, directorPlace, direction);
    if (remains.programs.some(({ id, name }) => name === xdpProgram && id === queryXdp(index)))
      detachXdp(index);
  }
}

function sourceOf(file: ObjectFile, testClock: boolean) {
  const constants = testClock ? { [clockSection]: Uint8Array.of(1, 0, 0, 0) } : {};
  const origin = originOf(objectSha256, constants);
  const source: Source = { file, constants: { ...constants, [originSection]: origin } };
  return { source, origin };
}

function closeRemains({ programs, maps }: Remains): void {
  for (const fd of [...programs.map((program) => program.fd), ...maps.values()]) closeFd(fd);
}

/**
 * Whether this object could take over what is attached in the thread's namespace: throws what openAnchor would throw, and
 * changes nothing. The kernel verifies the programs that would be new; they are for openAnchor, which closes them.
 */
export function rehearse(file: ObjectFile, wanted: readonly AttachedProgram[]): Prepared | undefined {
  collectLog();
  const { source, origin } = sourceOf(file, false);
  const remains = findRemains(origin);
  try {
    if (remains.programs.length === 0) return undefined;
    refuseForeign(remains.maps);
    const names = missingPrograms(remains, wanted);
    if (names.length === 0 && remains.own.has(anchorProgram)) return undefined;
    const object = loadAround(source, remains, names);
    return { names, settings: objectId(object.maps.settings), object };
  } finally {
    closeRemains(remains);
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

/** The anchor leads to the maps; if somebody has cleared lo's filters, so does a program on any other interface. */
function findRemains(origin: Uint8Array): Remains {
  const programs = presentPrograms();
  const maps = programs[0] ? programMaps(programs[0].fd, mapNames) : new Map<MapName, Fd>();
  const settings = maps.get('settings');
  const own = new Map<AttachedProgram, PresentProgram>();
  for (const program of programs) {
    const { name, fd } = program;
    if (name && settings !== undefined && isMadeOf(fd, origin, settings)) own.set(name, program);
  }
  return { programs, maps, own };
}

/** What is there, if its anchor is. */
function adopted(source: Source, { maps, own }: Remains): Loaded | undefined {
  const anchor = own.get(anchorProgram);
  if (!anchor) return undefined;
  const copies = Object.fromEntries([...maps].map(([name, fd]) => [name, duplicateFd(fd)]));
  return held(source, copies as MapFds, taken(own), { anchor: anchor.id, isNew: false });
}

type Wishes = {
  readonly connections: number | undefined;
  readonly wanted: readonly AttachedProgram[];
  readonly initialise: (maps: MapFds, align: Fd) => void;
  readonly prepared: Prepared | undefined;
};

function loaded(source: Source, remains: Remains, wishes: Wishes): Loaded {
  const { connections, wanted, initialise, prepared } = wishes;
  const { own } = remains;
  const names = prepared?.names ?? missingPrograms(remains, wanted);
  const object = prepared?.object ?? loadAround(source, remains, names, connections);
  const { programs, maps } = object;
  const isNew = remains.programs.length === 0;
  try {
    if (isNew) initialise(maps, programs[alignProgram]);
    closeFd(programs[alignProgram]);
    bindAll(programs, maps);
    const anchor = attachTc(loopbackIndex, programs[anchorProgram], directorPlace);
    closeFd(programs[anchorProgram]); // held by nobody but lo, so that its end shows
    const fresh = names.map((name) => [name, programs[name]] as const);
    return held(source, maps, new Map([...taken(own), ...fresh]), { anchor, isNew });
  } catch (error) {
    object.close();
    throw error;
  }
}

/** Those of the programs for interfaces that are there in another version, or wanted and not there. */
function missingPrograms({ programs, own }: Remains, wanted: readonly AttachedProgram[]) {
  const attached = programs.flatMap(({ name }) => name ?? []);
  const missing = [...attached, ...wanted].filter((name) => name !== anchorProgram && !own.has(name));
  return [...new Set(missing)];
}

/** What was prepared, if nothing has changed since so that it would not fit any more. */
function fitting(
  prepared: Prepared | undefined,
  remains: Remains,
  wanted: readonly AttachedProgram[],
): Prepared | undefined {
  const settings = remains.maps.get('settings');
  if (!prepared || settings === undefined || objectId(settings) !== prepared.settings) return undefined;
  if (remains.own.has(anchorProgram)) return undefined; // somebody has been faster
  const names = missingPrograms(remains, wanted);
  return names.every((name) => prepared.names.includes(name)) ? prepared : undefined;
}

/** The anchor, fl_align and these programs, around the maps that are there. */
function loadAround(
  source: Source,
  { maps }: Remains,
  names: readonly AttachedProgram[],
  connections?: number,
) {
  return loadObject(source.file, {
    programs: [anchorProgram, alignProgram, ...names],
    maps: mapNames,
    constants: source.constants,
    reuse: maps,
    entries: {
      ...multipliedBy(possibleCpus()),
      ...(connections && Object.fromEntries(sizedMaps.map((name) => [name, connections]))),
    },
  });
}

/** Descriptors to keep of programs that hang on interfaces; of the anchor none. */
function taken(own: Remains['own']): Map<ProgramName, Fd> {
  const others = [...own].filter(([name]) => name !== anchorProgram);
  return new Map(others.map(([name, { fd }]) => [name, duplicateFd(fd)]));
}

function held(
  source: Source,
  maps: MapFds,
  taken: ReadonlyMap<ProgramName, Fd>,
  state: Pick<Loaded, 'anchor' | 'isNew'>,
): Loaded {
  const programs = createPrograms(source, maps, taken);
  return {
    programs,
    maps,
    ...state,
    close: () => {
      programs.close();
      for (const fd of Object.values(maps)) closeFd(fd);
    },
  };
}

function refuseForeign(maps: ReadonlyMap<MapName, Fd>): void {
  const version = layoutOf(maps);
  if (version === FlLimit.FL_LIMIT_ABI_VERSION) return;
  throw new FairleadError(
    'FOREIGN_DATA_PLANE',
    `it has layout ${version}, this one ${FlLimit.FL_LIMIT_ABI_VERSION}; \`fairlead upgrade\` says what can be kept`,
  );
}

/** FL_ABI_VERSION of those who have made the maps; 0 where there is no telling. */
function layoutOf(maps: ReadonlyMap<MapName, Fd>): number {
  const fd = maps.get('settings');
  const bytes = new Uint8Array(flSettings.size);
  return fd !== undefined && mapLookup(fd, new Uint8Array(4), bytes)
    ? decode(flSettings, bytes).abiVersion
    : 0;
}
