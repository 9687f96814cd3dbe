/**
 * The decapsulator's BPF object (bpf/realserver.bpf.c): loading it, and finding the one that is attached.
 *
 * There are no pins and no daemon. The program hangs on interfaces and holds its maps; whoever wants to know what it
 * does goes from the interface to the program, and from there to the maps.
 */

import { type Address, addressToBytes, familyOf, type Port } from '../ipvs/address.ts';
import { queryTc, type TcPlace } from '../linux/bpf-hook.ts';
import { mapLookup, mapLookupBatch, mapUpdate, possibleCpus } from '../linux/bpf-map.ts';
import { type LoadedObject, loadObjectFile } from '../linux/bpf-object.ts';
import { closeFd, mapById, mapName, programById, programMapIds, programName } from '../linux/bpf-program.ts';
import { SystemCallError } from '../linux/errno.ts';
import type { Fd } from '../linux/libbpf.ts';
import { FlRealserverLimit } from './abi.gen.ts';
import { type CounterName, counterNames, counters } from './counters.ts';
import { decodeVipKey, encodeVipKey, vipKeyBytes } from './vip-key.ts';

const ownName = 'fl_decapsulate';
const mapNames = ['realserver_vips', 'gue_port', 'decapsulations'] as const;
type MapName = (typeof mapNames)[number];
export type DecapsulatorObject = LoadedObject<typeof ownName, MapName>;

/** In front of a director's (which then directs the inner packets), among other people's filters. */
export const place: TcPlace = { priority: 40, handle: 0xf1 };

export type Decapsulation = {
  readonly vips: readonly Address[];
  /** The UDP port that GUE comes to. */
  readonly guePort: Port;
};

export type Counts = Readonly<Record<CounterName, number>>;

/** Loads the object with its settings; `earlier` is a program whose counters go on. */
export function loadDecapsulator(
  path: string,
  { vips, guePort }: Decapsulation,
  earlier: Fd | undefined,
): DecapsulatorObject {
  const held = earlier === undefined ? new Map<MapName, Fd>() : mapsOf(earlier);
  try {
    const counted = held.get('decapsulations');
    const object = loadObjectFile({
      path,
      programs: [ownName],
      maps: mapNames,
      ...(counted !== undefined && { reuse: new Map([['decapsulations', counted]]) }),
    });
    for (const vip of vips)
      mapUpdate(object.maps.realserver_vips, encodeVipKey(vip), Uint8Array.of(1, 0, 0, 0));
    mapUpdate(object.maps.gue_port, firstKey, new Uint8Array(Uint32Array.of(guePort).buffer));
    return object;
  } finally {
    for (const fd of held.values()) closeFd(fd);
  }
}

/**
 * What stands at our place on an interface: our program, which is to be closed, something that we must leave alone, or
 * nothing.
 */
export function programOn(index: number): { readonly ours: Fd } | 'foreign' | undefined {
  const id = idOn(index);
  if (id === 'foreign') return id;
  const program = id === undefined ? undefined : programById(id);
  if (program === undefined) return undefined;
  if (programName(program) === ownName) return { ours: program };
  closeFd(program);
  return 'foreign';
}

/** Filters that an interface shares with others (tc-filter(8), block) cannot be reached by its name. */
function idOn(index: number): number | 'foreign' | undefined {
  const EOPNOTSUPP = 95;
  try {
    return queryTc(index, place);
  } catch (error) {
    if (error instanceof SystemCallError && error.errno === EOPNOTSUPP) return 'foreign';
    throw error;
  }
}

/** What an attached program was told, and what it has counted. */
export function readDecapsulator(program: Fd): Decapsulation & { readonly counts: Counts } {
  const maps = mapsOf(program);
  try {
    return {
      vips: readVips(maps.get('realserver_vips')),
      guePort: readPort(maps.get('gue_port')),
      counts: readCounts(maps.get('decapsulations')),
    };
  } finally {
    for (const fd of maps.values()) closeFd(fd);
  }
}

const firstKey = new Uint8Array(4);

function mapsOf(program: Fd): ReadonlyMap<MapName, Fd> {
  const found = new Map<MapName, Fd>();
  for (const id of programMapIds(program)) {
    const fd = mapById(id);
    if (fd === undefined) continue;
    const name = mapNames.find((known) => known === mapName(fd));
    if (name) found.set(name, fd);
    else closeFd(fd);
  }
  return found;
}

/** IPv4 before IPv6, each in order. */
function readVips(fd: Fd | undefined): readonly Address[] {
  if (fd === undefined) return [];
  const room = FlRealserverLimit.FL_REALSERVER_LIMIT_VIPS;
  const keys = new Uint8Array(room * vipKeyBytes);
  const batch = mapLookupBatch(fd, undefined, keys, new Uint8Array(room * 4), room);
  return Array.from({ length: batch?.count ?? 0 }, (_, at) => decodeVipKey(keys.subarray(at * vipKeyBytes)))
    .toSorted((one, other) => Buffer.compare(addressToBytes(one), addressToBytes(other)))
    .toSorted((one, other) => familyOf(one) - familyOf(other));
}

function readPort(fd: Fd | undefined): Port {
  const value = new Uint32Array(1);
  if (fd !== undefined) mapLookup(fd, firstKey, new Uint8Array(value.buffer));
  return (value[0] ?? 0) as Port;
}

/** Each counter over all CPUs. */
function readCounts(fd: Fd | undefined): Counts {
  const values = new BigUint64Array(possibleCpus());
  const read = (index: number): number => {
    values.fill(0n);
    if (fd !== undefined)
      mapLookup(fd, new Uint8Array(Uint32Array.of(index).buffer), new Uint8Array(values.buffer));
    return Number(values.reduce((sum, value) => sum + value, 0n));
  };
  return Object.fromEntries(counterNames.map((name) => [name, read(counters[name].index)])) as Counts;
}
