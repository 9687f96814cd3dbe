/**
 * The director's programs on a bench: loaded as the daemon loads them, on a wire of their own, by a clock that is
 * set by hand, and fed with packets one by one through BPF_PROG_TEST_RUN.
 */

import { fileURLToPath } from 'node:url';
import { FlReason } from '../../src/dataplane/bpf/abi.gen.ts';
import { type BpfDataPlane, openBpfDataPlane } from '../../src/dataplane/bpf/dataplane.ts';
import type { DirectorMaps } from '../../src/dataplane/bpf/director-maps.ts';
import { directorPlace } from '../../src/dataplane/bpf/place.ts';
import type { HookMode } from '../../src/ipvs/interface.ts';
import { initialTimeouts } from '../../src/ipvs/state-timeouts.ts';
import { initialSysctls } from '../../src/ipvs/sysctl.ts';
import { queryTc, queryXdp } from '../../src/linux/bpf-hook.ts';
import { programById } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { listLinks } from '../../src/linux/links.ts';
import { heldMaps } from './held-maps.ts';
import { type Passage, type Place, passageOf } from './passage.ts';
import type { Limits } from './player.ts';
import { openSniffer } from './sniffer.ts';
import { createWire, type Wire } from './wire.ts';
import { interfaces, undone } from './world.ts';

export type Bench = Pick<Wire, 'inside' | 'ip'> & {
  /** The data plane as it is held now. Throws while nobody holds it. */
  readonly plane: BpfDataPlane;
  /** One frame through one program, alone; on eth0 unless it says otherwise. */
  run(place: Place, frame: Uint8Array, device?: string): Passage;
  /** Frames that have left for good, by the other ends of the wires, since this was last asked. */
  left(): readonly Uint8Array[];
  /** The maps themselves. */
  readonly maps: DirectorMaps;
  /** The time, in nanoseconds. */
  now(): bigint;
  advance(milliseconds: number): void;
  limit(limits: Limits): void;
  setHookMode(device: string, mode: HookMode): void;
  /** What the end of a daemon and the start of the next do: nobody in user space holds the maps meanwhile. */
  withoutDaemon(action: () => void): void;
  /** Nothing configured, nothing counted, no connections, default settings. */
  clear(): void;
  remove(): void;
};

/** The room that the tables are made with: small, because every walk over one costs as much as its buckets. */
const room = 4096;
const objectPath = fileURLToPath(new URL('../../bpf/director.bpf.o', import.meta.url));
const nanoseconds = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;
const day = 24 * 3600 * 1000;

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
  const indexes = new Map(wire.inside(() => listLinks().map(({ name, index }) => [name, index] as const)));
  const indexOf = (device: string): number => indexes.get(device) ?? raise(`no interface ${device}`);
  let plane: BpfDataPlane | undefined;
  let passages = new Map<string, (frame: Uint8Array) => Passage>();
  let changes: string[] = [];
  let now = nanoseconds(1_000_000);

  const held = (): BpfDataPlane => plane ?? raise('nobody holds the data plane');
  const setClock = (time: bigint): void => {
    now = time;
    maps().testClock.set(0, { value: now });
  };
  const open = (): void => {
    const options = { connections: room, testClock: true, inside: wire.inside };
    plane = wire.inside(() => openBpfDataPlane(objectPath, options));
  };
  const anchored = heldMaps(wire);
  const sniffer = wire.outside(openSniffer);
  const maps = (): DirectorMaps => anchored.maps();
  const passage = (place: Place, device: string): ((frame: Uint8Array) => Passage) => {
    const index = indexOf(device);
    if (place === 'out' && !looksOut(index)) return (packet) => ({ fate: 'stack', packet });
    const known = passages.get(`${place} ${device}`);
    if (known) return known;
    const made = passageOf(place, programAt(place, index), index);
    passages.set(`${place} ${device}`, made);
    return made;
  };
  /** What a daemon, where there is one, notices by itself in time. */
  const look = (): void => wire.inside(() => assertNone(plane?.refreshInterfaces(true) ?? []));

  const bench: Bench = {
    inside: wire.inside,
    ip: (words) => {
      wire.ip(words);
      changes.push(words);
      look();
    },
    get plane() {
      return held();
    },
    left: sniffer.drain,
    get maps() {
      return maps();
    },
    run: (place, frame, device = 'eth0') => wire.inside(() => passage(place, device)(frame)),
    now: () => now,
    advance: (milliseconds) => setClock(now + nanoseconds(milliseconds)),
    limit({ connections, halfOpen }) {
      const limits = { connectionLimit: connections, halfOpenLimit: halfOpen };
      maps().settings.set(0, { ...maps().settings.get(0), ...limits });
    },
    setHookMode: (device, mode) => wire.inside(() => held().setHookMode(device, mode)),
    withoutDaemon(action) {
      plane?.close();
      plane = undefined;
      try {
        action();
      } finally {
        open();
        passages = new Map();
      }
    },
    clear() {
      for (const words of changes.reverse()) tried(() => wire.ip(undone(words)));
      changes = [];
      forgetConfiguration(held());
      const before = now;
      // Everything expires in time, real servers in the trash included.
      setClock(now + nanoseconds(40 * day));
      for (let sweep = 0; sweep < 2; sweep++) held().sweep();
      held().purge();
      forgetCounts(maps());
      // Time goes on, so that nothing of before seems new, fragments included.
      setClock(before + nanoseconds(60_000));
      bench.limit({ connections: room, halfOpen: room });
      look();
    },
    remove() {
      plane?.close();
      sniffer.close();
      anchored.close();
      wire.remove();
    },
  };
  open();
  setClock(now);
  for (const { name } of interfaces) bench.setHookMode(name, 'xdp');
  return bench;
}

const plentyOfPages = 1_000_000;

function forgetConfiguration(plane: BpfDataPlane): void {
  plane.removeAllServices();
  plane.setMarkRules([]);
  plane.setSysctls(initialSysctls);
  plane.defend(plentyOfPages);
  plane.setTimeouts(initialTimeouts);
}

/** What counts packets that were not forwarded, and moments of need. All connections must have gone. */
function forgetCounts(maps: DirectorMaps): void {
  const { connections, halfOpen, templates, replies } = maps.pressure.get(0);
  if (connections !== 0 || halfOpen !== 0 || templates !== 0 || replies !== 0)
    raise(
      `${connections} entries, ${halfOpen} half-open, ${templates} templates, ${replies} replies outlive their time`,
    );
  maps.pressure.set(0, {});
  for (let reason = 0; reason < FlReason.FL_REASONS; reason++) maps.notForwarded.clear(reason);
}

/** What a test has taken back by itself cannot be taken back again. */
function tried(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Error && 'status' in error)) throw error;
  }
}

/** Whether what leaves by an interface is looked at. */
function looksOut(ifindex: number): boolean {
  return queryTc(ifindex, directorPlace, 'egress') !== undefined;
}

function assertNone(failures: readonly string[]): void {
  if (failures.length > 0) raise(failures.join('\n'));
}

/** The program that stands there, as its hook knows it. */
function programAt(place: Place, ifindex: number): Fd {
  const direction = place === 'out' ? 'egress' : 'ingress';
  const id = place === 'xdp' ? queryXdp(ifindex) : queryTc(ifindex, directorPlace, direction);
  return (id === undefined ? undefined : programById(id)) ?? raise(`no ${place} program`);
}

function raise(what: string): never {
  throw new Error(what);
}
