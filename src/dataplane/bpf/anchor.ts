/**
 * How a data plane comes up, and how the one that is there is found.
 *
 * There are no pins. The programs hang on interfaces and hold their maps; a program on `lo`, which every
 * namespace has, is bound to all maps and is the anchor through which a new daemon finds them again.
 */

import { FairleadError } from '../../ipvs/errors.ts';
import { attachTc, detachTc, detachXdp, queryXdp } from '../../linux/bpf-hook.ts';
import type { LoadedObject, ObjectFile } from '../../linux/bpf-object.ts';
import { closeFd, duplicateFd, objectId, programById } from '../../linux/bpf-program.ts';
import { collectLog, type Fd } from '../../linux/libbpf.ts';
import { listLinks } from '../../linux/links.ts';
import { FlLimit } from './abi.gen.ts';
import { loadAround, sizesFor, sourceOf } from './around.ts';
import { Undescribed } from './carry/btf.ts';
import { beginCarry, type Carry } from './carry/carry.ts';
import { versionOf } from './carry/earlier.ts';
import { Untranslatable } from './carry/translate.ts';
import { completed } from './codec/counts.ts';
import type { MapName } from './director-maps.ts';
import {
  type AttachedProgram,
  alignProgram,
  anchorProgram,
  directorPlace,
  loopbackIndex,
  tcDirections,
  xdpProgram,
} from './place.ts';
import {
  bindAll,
  createPrograms,
  type MapFds,
  type ProgramName,
  type Programs,
  type Source,
} from './programs.ts';
import { closeRemains, findRemains, isForeign, missingPrograms, type Remains } from './remains.ts';

export type LoadOptions = {
  /** Entries of the connection table, if it is made anew. */
  readonly connections?: number;
  /** Whether the programs go by the map `test_clock` instead of the time. */
  readonly testClock?: boolean;
  /** Whether maps of another layout are taken off, with all that they hold, instead of being carried over. */
  readonly discards?: boolean;
  /** What a rehearsal has loaded already. */
  readonly prepared?: Prepared | undefined;
};

/** Programs that the kernel has accepted, and that are not attached yet: around the maps that are there, or new ones. */
export type Prepared = PreparedPrograms | Carry;

type PreparedPrograms = {
  readonly kind: 'programs';
  readonly names: readonly AttachedProgram[];
  /** Of the map `settings` that they work on. */
  readonly settings: number;
  readonly object: LoadedObject<AttachedProgram | typeof alignProgram, MapName>;
  close(): void;
};

export type Loaded = {
  readonly programs: Programs;
  readonly maps: MapFds;
  /**
   * Once the interfaces have the programs: brings what is left of another version's data plane, where there was one.
   * Answers the anchor's program id: while it exists, so does the namespace's data plane.
   */
  settle(): number;
  /** Whether the maps have just been made. */
  readonly isNew: boolean;
  /** Closes every descriptor. What is attached stays. */
  close(): void;
};

/**
 * Takes over what is attached in the thread's namespace, as far as it is made of this object, or else loads it around
 * the maps that are there, or around new ones, which `initialise` fills, with fl_align's help, before anything can find
 * them. Of the programs for interfaces those that are `wanted`, or stand there in another version, are loaded before
 * anything is changed. What maps of another layout hold is carried over to new ones.
 * Throws FOREIGN_DATA_PLANE for those that it cannot be carried over from, NO_BPF, SYSTEM_CALL.
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
  const isDiscarded = discards && isForeign(found);
  if (isDiscarded) takeOff(found);
  const remains = isDiscarded ? findRemains(origin) : found;
  try {
    const fit = fitting(prepared, remains, wanted);
    if (!fit) prepared?.close();
    if (fit?.kind === 'carry') return carriedOver(source, fit);
    if (isForeign(remains)) return carriedOver(source, carryOrRefuse(source, origin, remains, wanted));
    const fresh = { connections, wanted, initialise, prepared: fit };
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
    if (isForeign(remains)) return carryOrRefuse(source, origin, remains, wanted);
    const names = missingPrograms(remains, wanted);
    if (names.length === 0 && remains.own.has(anchorProgram)) return undefined;
    const object = loadAround(source, remains.maps, names);
    return { kind: 'programs', names, settings: objectId(object.maps.settings), object, close: object.close };
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

/** What is there, if its anchor is. */
function adopted(source: Source, { maps, own }: Remains): Loaded | undefined {
  const anchor = own.get(anchorProgram);
  if (!anchor) return undefined;
  const copies = Object.fromEntries([...maps].map(([name, fd]) => [name, duplicateFd(fd)]));
  return held(source, copies as MapFds, taken(own), { settle: () => anchor.id, isNew: false });
}

type Wishes = {
  readonly connections: number | undefined;
  readonly wanted: readonly AttachedProgram[];
  readonly initialise: (maps: MapFds, align: Fd) => void;
  readonly prepared: PreparedPrograms | undefined;
};

function loaded(source: Source, remains: Remains, wishes: Wishes): Loaded {
  const { connections, wanted, initialise, prepared } = wishes;
  const { own } = remains;
  const names = prepared?.names ?? missingPrograms(remains, wanted);
  const object =
    prepared?.object ?? loadAround(source, remains.maps, names, connections ? sizesFor(connections) : {});
  const { programs, maps } = object;
  const isNew = remains.programs.length === 0;
  try {
    if (isNew) initialise(maps, programs[alignProgram]);
    closeFd(programs[alignProgram]);
    bindAll(programs, maps);
    const anchor = attachAnchor(programs[anchorProgram]);
    const fresh = names.map((name) => [name, programs[name]] as const);
    return held(source, maps, new Map([...taken(own), ...fresh]), { settle: () => anchor, isNew });
  } catch (error) {
    object.close();
    throw error;
  }
}

/** Held by nobody but lo afterwards, so that its end shows. */
function attachAnchor(program: Fd): number {
  const anchor = attachTc(loopbackIndex, program, directorPlace);
  closeFd(program);
  return anchor;
}

/** Throws FOREIGN_DATA_PLANE with the reason why not. */
function carryOrRefuse(...[source, origin, remains, wanted]: Parameters<typeof beginCarry>): Carry {
  try {
    return beginCarry(source, origin, remains, wanted);
  } catch (error) {
    if (!(error instanceof Undescribed || error instanceof Untranslatable)) throw error;
    const layouts = `it has layout ${versionOf(remains.maps.get('settings'))}, this one ${FlLimit.FL_LIMIT_ABI_VERSION}`;
    throw new FairleadError('FOREIGN_DATA_PLANE', `${layouts}, and cannot be carried over: ${error.message}`);
  }
}

/** The anchor stays the other version's until all is here. */
function carriedOver(source: Source, carry: Carry): Loaded {
  const { programs } = carry.object;
  const { carried: _, ...maps } = carry.object.maps;
  completed(carry.copy());
  closeFd(programs[alignProgram]);
  bindAll(programs, maps);
  const fresh = carry.names.map((name) => [name, programs[name]] as const);
  const settle = (): number => {
    carry.settle();
    return attachAnchor(programs[anchorProgram]);
  };
  return held(source, maps, new Map([...carry.taken, ...fresh]), { settle, isNew: false });
}

/** What was prepared, if nothing has changed since so that it would not fit any more. */
function fitting(
  prepared: Prepared | undefined,
  remains: Remains,
  wanted: readonly AttachedProgram[],
): Prepared | undefined {
  const settings = remains.maps.get('settings');
  if (!prepared || settings === undefined) return undefined;
  if (prepared.kind === 'carry') return objectId(prepared.from) === objectId(settings) ? prepared : undefined;
  if (objectId(settings) !== prepared.settings) return undefined;
  if (remains.own.has(anchorProgram)) return undefined; // somebody has been faster
  const names = missingPrograms(remains, wanted);
  return names.every((name) => prepared.names.includes(name)) ? prepared : undefined;
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
  state: Pick<Loaded, 'settle' | 'isNew'>,
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
