/**
 * The director's programs on a bench: loaded as the daemon loads them, on a wire of their own, and fed with
 * packets one by one through BPF_PROG_TEST_RUN.
 */

import { fileURLToPath } from 'node:url';
import { FlReason } from '../../src/dataplane/bpf/abi.gen.ts';
import { type BpfDataPlane, openBpfDataPlane } from '../../src/dataplane/bpf/dataplane.ts';
import {
  type DirectorMaps,
  directorMaps,
  type MapName,
  mapNames,
} from '../../src/dataplane/bpf/director-maps.ts';
import { directorPlace } from '../../src/dataplane/bpf/programs.ts';
import { defaultSettings } from '../../src/dataplane/bpf/settings.ts';
import { queryTc, queryXdp } from '../../src/linux/bpf-hook.ts';
import { closeFd, mapById, mapName, programById, programMapIds } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { listLinks } from '../../src/linux/links.ts';
import { type Hook, type Passage, passThrough } from './passage.ts';
import { createWire, vip, type Wire } from './wire.ts';

export type Settings = typeof defaultSettings;
export type MapFds = Readonly<Record<MapName, Fd>>;

export type Bench = Pick<Wire, 'inside' | 'ip'> & {
  /** The data plane as it is held now. Throws while nobody holds it. */
  readonly plane: BpfDataPlane;
  isHeld(): boolean;
  /** One packet through one hook, alone. */
  run(hook: Hook, frame: Uint8Array): Passage;
  /** The maps themselves, for as long as `action` takes. */
  maps<T>(action: (maps: DirectorMaps, fds: MapFds) => T): T;
  /** From the next packet on. */
  set(settings: Partial<Settings>): void;
  /** What the end of a daemon does: nobody in user space holds the maps any more. */
  leave(): void;
  /** What the next daemon does: it adopts what is there. */
  adopt(): void;
  /** Nothing configured, nothing counted, no connections, default settings. */
  clear(): void;
  remove(): void;
};

const loopbackIndex = 1;
const objectPath = fileURLToPath(new URL('../../bpf/director.bpf.o', import.meta.url));

export function createBench(): Bench {
  const wire = createWire();
  try {
    return benchOn(wire);
  } catch (error) {
    wire.remove();
    throw error;
  }
}

function benchOn(wire: Wire): Bench {
  const ifindex = wire.inside(() => listLinks().find(({ name }) => name === 'eth0')?.index) ?? 0;
  let plane: BpfDataPlane | undefined;
  let programs: Programs | undefined;

  const letGo = (): void => {
    Object.values(programs ?? {}).forEach(closeFd);
    programs = undefined;
    plane?.close();
    plane = undefined;
  };
  const held = (): BpfDataPlane => plane ?? raise('nobody holds the data plane');
  const attached = (): Programs => {
    programs ??= wire.inside(() => attachedPrograms(ifindex));
    return programs;
  };

  const bench: Bench = {
    inside: wire.inside,
    ip: wire.ip,
    get plane() {
      return held();
    },
    isHeld: () => plane !== undefined,
    run: (hook, frame) => wire.inside(() => passThrough(hook, attached()[hook], ifindex, frame)),
    maps: (action) => withMaps(attached().anchor, action),
    set(settings) {
      bench.maps((maps) => maps.settings.set(0, { ...maps.settings.get(0), ...settings }));
    },
    leave: letGo,
    adopt() {
      letGo();
      plane = wire.inside(() => openBpfDataPlane(objectPath));
    },
    clear() {
      if (!plane) bench.adopt();
      for (const service of held().services()) held().removeService(service);
      bench.maps(wipe);
      wire.ip(`address replace ${vip}/32 dev eth0`);
    },
    remove() {
      letGo();
      wire.remove();
    },
  };
  bench.adopt();
  wire.inside(() => held().setHookMode('eth0', 'xdp'));
  return bench;
}

type Programs = Readonly<Record<Hook | 'anchor', Fd>>;

/** The programs as their hooks know them, found anew: a daemon puts its own in their place. */
function attachedPrograms(ifindex: number): Programs {
  const open = (name: string, id: number | undefined): Fd =>
    (id === undefined ? undefined : programById(id)) ?? raise(`no ${name} program`);
  return {
    tc: open('tc', queryTc(ifindex, directorPlace)),
    xdp: open('xdp', queryXdp(ifindex)),
    anchor: open('anchor', queryTc(loopbackIndex, directorPlace)),
  };
}

/** The maps a program holds. They are closed again at once: an open one would keep the timers going. */
function withMaps<T>(program: Fd, action: (maps: DirectorMaps, fds: MapFds) => T): T {
  const fds = programMapIds(program).map((id) => mapById(id) ?? raise('a map has gone'));
  try {
    const named = new Map(fds.map((fd) => [mapName(fd), fd]));
    const known = mapNames.map((name) => [name, named.get(name) ?? raise(`no map ${name}`)]);
    const byName = Object.fromEntries(known) as MapFds;
    return action(directorMaps(byName), byName);
  } finally {
    fds.forEach(closeFd);
  }
}

/** Real servers in the trash stay there, unbound: one that is added again begins anew. */
function wipe(maps: DirectorMaps): void {
  for (const [key] of [...maps.connections.entries()]) maps.connections.delete(key);
  for (let slot = 1; maps.destinations.get(slot).address !== 0; slot++) maps.destinationState.set(slot, {});
  for (let reason = 0; reason < FlReason.FL_REASONS; reason++) maps.notForwarded.clear(reason);
  maps.settings.set(0, { ...defaultSettings, flags: maps.settings.get(0).flags });
}

function raise(what: string): never {
  throw new Error(what);
}
