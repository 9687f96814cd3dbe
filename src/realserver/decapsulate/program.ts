/** The decapsulator's BPF object (bpf/realserver.bpf.c): loading it, and reading the one that is attached. */

import { type Address, inOrder, type Port } from '../../ipvs/address.ts';
import type { Hook } from '../../linux/bpf-hooked.ts';
import { mapLookup, mapLookupBatch, mapUpdate } from '../../linux/bpf-map.ts';
import { type LoadedObject, loadObject, readObject } from '../../linux/bpf-object.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { FlRealserverLimit, objectSha256 } from '../abi.gen.ts';
import { readCounter, withMaps } from '../tc/maps.ts';
import { type CounterName, counterNames, counters } from './counters.ts';
import { decodeVipKey, encodeVipKey, vipKeyBytes } from './vip-key.ts';

/** In front of a director's (which then directs the inner packets), among other people's filters. */
export const hook: Hook = {
  name: 'fl_decapsulate',
  direction: 'ingress',
  place: { priority: 40, handle: 0xf1 },
};

const mapNames = ['realserver_vips', 'gue_port', 'decapsulations'] as const;
export type DecapsulatorObject = LoadedObject<'fl_decapsulate', (typeof mapNames)[number]>;

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
  return withMaps(earlier, mapNames, (held) => {
    const counted = held.get('decapsulations');
    const object = loadObject(readObject(path, objectSha256), {
      programs: ['fl_decapsulate'],
      maps: mapNames,
      ...(counted !== undefined && { reuse: new Map([['decapsulations', counted]]) }),
    });
    for (const vip of vips)
      mapUpdate(object.maps.realserver_vips, encodeVipKey(vip), Uint8Array.of(1, 0, 0, 0));
    mapUpdate(object.maps.gue_port, firstKey, new Uint8Array(Uint32Array.of(guePort).buffer));
    return object;
  });
}

/** What an attached program was told, and what it has counted. */
export function readDecapsulator(program: Fd): Decapsulation & { readonly counts: Counts } {
  return withMaps(program, mapNames, (maps) => ({
    vips: readVips(maps.get('realserver_vips')),
    guePort: readPort(maps.get('gue_port')),
    counts: readCounts(maps.get('decapsulations')),
  }));
}

const firstKey = new Uint8Array(4);

/** IPv4 before IPv6, each in order. */
function readVips(fd: Fd | undefined): readonly Address[] {
  if (fd === undefined) return [];
  const room = FlRealserverLimit.FL_REALSERVER_LIMIT_VIPS;
  const keys = new Uint8Array(room * vipKeyBytes);
  const batch = mapLookupBatch(fd, undefined, keys, new Uint8Array(room * 4), room);
  return inOrder(
    Array.from({ length: batch?.count ?? 0 }, (_, at) => decodeVipKey(keys.subarray(at * vipKeyBytes))),
  );
}

function readPort(fd: Fd | undefined): Port {
  const value = new Uint32Array(1);
  if (fd !== undefined) mapLookup(fd, firstKey, new Uint8Array(value.buffer));
  return (value[0] ?? 0) as Port;
}

function readCounts(fd: Fd | undefined): Counts {
  const counts = counterNames.map((name) => [name, readCounter(fd, counters[name].index)]);
  return Object.fromEntries(counts) as Counts;
}
