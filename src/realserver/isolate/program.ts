/** The BPF programs that isolate a real server from ARP (bpf/realserver.bpf.c): loading them, and reading those attached. */

import { type Address, addressFromBytes, addressToBytes, type Ipv4 } from '../../ipvs/address.ts';
import type { Hook } from '../../linux/bpf-hooked.ts';
import { mapLookupBatch, mapUpdate } from '../../linux/bpf-map.ts';
import { type LoadedObject, loadObject, readObject } from '../../linux/bpf-object.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { FlRealserverLimit, objectSha256 } from '../abi.gen.ts';
import { readCounter, withMaps } from '../tc/maps.ts';
import { type CounterName, counterNames, counters } from './counters.ts';

const place = { priority: 39, handle: 0xf2 };

/** The way in, and the way out. The kernel keeps 15 characters of a name. */
export const hooks: readonly Hook[] = [
  { name: 'fl_isolate_in', direction: 'ingress', place },
  { name: 'fl_isolate_out', direction: 'egress', place },
];

const mapNames = ['isolated_vips', 'arp_senders', 'isolations'] as const;
export type IsolationObject = LoadedObject<'fl_isolate_in' | 'fl_isolate_out', (typeof mapNames)[number]>;

export type Isolation = {
  readonly vips: readonly Ipv4[];
  /** What ARP shows instead, by the index of the interface. */
  readonly senders: ReadonlyMap<number, Ipv4>;
};

export type Counts = Readonly<Record<CounterName, number>>;

/** Loads the object with its settings; `earlier` is a program whose counters go on. */
export function loadIsolation(
  path: string,
  { vips, senders }: Isolation,
  earlier: Fd | undefined,
): IsolationObject {
  return withMaps(earlier, mapNames, (held) => {
    const counted = held.get('isolations');
    const object = loadObject(readObject(path, objectSha256), {
      programs: ['fl_isolate_in', 'fl_isolate_out'],
      maps: mapNames,
      ...(counted !== undefined && { reuse: new Map([['isolations', counted]]) }),
    });
    for (const vip of vips)
      mapUpdate(object.maps.isolated_vips, addressToBytes(vip), Uint8Array.of(1, 0, 0, 0));
    for (const [index, address] of senders)
      mapUpdate(object.maps.arp_senders, bytesOf(index), addressToBytes(address));
    return object;
  });
}

/** What the attached programs were told, and what they have counted; the one on the way out knows all of it. */
export function readIsolation(program: Fd | undefined): Isolation & { readonly counts: Counts } {
  return withMaps(program, mapNames, (maps) => ({
    vips: entriesOf(maps.get('isolated_vips'), FlRealserverLimit.FL_REALSERVER_LIMIT_VIPS).map(([key]) =>
      addressIn(key),
    ),
    senders: new Map(
      entriesOf(maps.get('arp_senders'), FlRealserverLimit.FL_REALSERVER_LIMIT_INTERFACES).map(
        ([key, value]) => [new DataView(key.buffer, key.byteOffset).getUint32(0, true), addressIn(value)],
      ),
    ),
    counts: Object.fromEntries(
      counterNames.map((name) => [name, readCounter(maps.get('isolations'), counters[name].index)]),
    ) as Counts,
  }));
}

/** Keys and values of four octets. */
function entriesOf(fd: Fd | undefined, room: number): readonly (readonly [Uint8Array, Uint8Array])[] {
  if (fd === undefined) return [];
  const [keys, values] = [new Uint8Array(room * 4), new Uint8Array(room * 4)];
  const batch = mapLookupBatch(fd, undefined, keys, values, room);
  const part = (bytes: Uint8Array, at: number): Uint8Array => bytes.slice(at * 4, at * 4 + 4);
  return Array.from({ length: batch?.count ?? 0 }, (_, at) => [part(keys, at), part(values, at)] as const);
}

function addressIn(bytes: Uint8Array): Ipv4 {
  return addressFromBytes(bytes) as Address as Ipv4;
}

function bytesOf(index: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(index).buffer);
}
