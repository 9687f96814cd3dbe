import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ipv4, Port } from '../../ipvs/address.ts';
import { type Scheduler, schedulers } from '../../ipvs/schedulers.ts';
import type { ServiceKey } from '../../ipvs/service.ts';
import * as abi from './abi.gen.ts';
import type { DirectorMaps } from './director-maps.ts';
import { decode, encode, type Layout } from './layout.ts';
import type { ArrayMap, HashMap, PerCpuArray } from './maps.ts';
import { createTable } from './table.ts';

type Table = ReturnType<typeof createTable>;

/** Maps in memory. `beforeWrite` is called before each write and may throw, as a daemon may die there. */
function memoryMaps(beforeWrite: () => void): DirectorMaps {
  const array = <V extends Layout>(layout: V): ArrayMap<V> => {
    const values = new Map<number, Uint8Array>();
    return {
      get: (index) => decode(layout, values.get(index) ?? new Uint8Array(layout.size)),
      set: (index, value) => {
        beforeWrite();
        values.set(index, encode(layout, value));
      },
      *used() {
        for (const [index, bytes] of [...values].sort(([a], [b]) => a - b)) {
          if (bytes.some((byte) => byte !== 0)) yield [index, decode(layout, bytes)];
        }
      },
    };
  };
  const hash = <K extends Layout, V extends Layout>(keys: K, layout: V): HashMap<K, V> => {
    const values = new Map<string, Uint8Array>();
    const textOf = (key: Parameters<typeof encode<K>>[1]): string =>
      Buffer.from(encode(keys, key)).toString('hex');
    return {
      get: (key) => {
        const bytes = values.get(textOf(key));
        return bytes && decode(layout, bytes);
      },
      set: (key, value) => {
        beforeWrite();
        values.set(textOf(key), encode(layout, value));
      },
      delete: (key) => {
        beforeWrite();
        return values.delete(textOf(key));
      },
      // By hash, that is: in no order anyone could rely on.
      *entries() {
        for (const [key, bytes] of [...values].reverse())
          yield [decode(keys, Uint8Array.from(Buffer.from(key, 'hex'))), decode(layout, bytes)];
      },
    };
  };
  const counts = <V extends Layout>(layout: V): PerCpuArray<V> => ({
    get: () => [decode(layout, new Uint8Array(layout.size))],
    clear: beforeWrite,
  });
  const u32 = { size: 4, fields: { value: { offset: 0, type: 'u32' } } } as const;
  const u64 = { size: 8, fields: { value: { offset: 0, type: 'u64' } } } as const;
  return {
    settings: array(abi.flSettings),
    interfaces: hash(u32, abi.flInterface),
    services: hash(abi.flServiceKey, abi.flService),
    serviceState: array(abi.flServiceState),
    serviceCounts: counts(abi.flCounts),
    hashTables: hash(u32, abi.flHashTable),
    destinations: array(abi.flDestination),
    destinationState: array(abi.flDestinationState),
    destinationCounts: counts(abi.flCounts),
    connections: hash(abi.flConnectionKey, abi.flConnection),
    notForwarded: counts(u64),
  };
}

const web: ServiceKey = { protocol: 'tcp', address: '10.0.0.100' as Ipv4, port: 80 as Port };
const serviceKeys: readonly ServiceKey[] = [web, { ...web, protocol: 'udp' }, { ...web, port: 443 as Port }];
const server = (index: number, weight = 1) => ({
  address: `10.0.0.${11 + index}` as Ipv4,
  port: 80 as Port,
  method: 'gate' as const,
  weight,
});

/** Services with their real servers, the newest first, as lines. */
const shown = (table: Table): readonly string[] =>
  [...table.services()]
    .map(({ protocol, port, scheduler, destinations }) => {
      const servers = destinations.map(({ address, weight }) => `${address}*${weight}`);
      return `${protocol}:${port} ${scheduler} ${servers.join(' ')}`;
    })
    .sort();

/** What can be done to a table, done only where a director would let it be done. */
type Change = {
  readonly kind: 'service' | 'server' | 'weight' | 'zero' | 'scheduler' | 'drop server' | 'drop service';
  readonly service: number;
  readonly server: number;
  readonly weight: number;
};
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(
    ...(['service', 'server', 'server', 'server', 'weight', 'zero', 'scheduler'] as const),
    ...(['drop server', 'drop server', 'drop service'] as const),
  ),
  service: fc.nat(serviceKeys.length - 1),
  server: fc.nat(3),
  weight: fc.nat(5),
});

function apply(table: Table, { kind, ...what }: Change): void {
  const key = serviceKeys[what.service] ?? web;
  const wanted = server(what.server, what.weight);
  const service = table.service(key);
  const scheduler = schedulers[what.weight % schedulers.length] as Scheduler;
  if (kind === 'service' && !service) table.addService({ ...key, scheduler, flags: [] });
  if (!service) return;
  const has = service.destinations.some(({ address }) => address === wanted.address);
  if (kind === 'drop service') table.removeService(key);
  if (kind === 'scheduler') table.editService({ ...key, scheduler, flags: [] });
  if (kind === 'zero') table.zero(key);
  if (kind === 'server' && !has) table.addDestination(key, wanted);
  if (kind === 'weight' && has) table.editDestination(key, wanted);
  if (kind === 'drop server' && has) table.removeDestination(key, wanted);
}

describe('a table', () => {
  it('lists services in the order of addition, and real servers with the newest first', () => {
    const table = createTable(memoryMaps(() => {}));
    for (const key of serviceKeys) table.addService({ ...key, scheduler: 'rr', flags: [] });
    for (const index of [0, 1, 2]) table.addDestination(web, server(index));
    expect([...table.services()].map(({ protocol, port }) => `${protocol}:${port}`)).toEqual([
      'tcp:80',
      'udp:80',
      'tcp:443',
    ]);
    expect(table.service(web)?.destinations.map(({ address }) => address)).toEqual([
      '10.0.0.13',
      '10.0.0.12',
      '10.0.0.11',
    ]);
  });

  it('gives a real server that comes back the slot its connections know it by', () => {
    const table = createTable(memoryMaps(() => {}));
    table.addService({ ...web, scheduler: 'rr', flags: [] });
    table.addDestination(web, server(0));
    const slot = table.service(web)?.destinations[0]?.slot;
    table.removeDestination(web, server(0));
    expect(table.destinationAt(slot ?? 0)).toMatchObject({ address: '10.0.0.11' });
    table.addDestination(web, server(1));
    table.addDestination(web, server(0));
    expect(table.service(web)?.destinations.map((entry) => entry.slot)).toEqual([slot, 2]);
  });

  it('is found again as it was by the next daemon, after any changes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const maps = memoryMaps(() => {});
        const table = createTable(maps);
        for (const each of changes) apply(table, each);
        const adopted = createTable(maps);
        expect([...adopted.services()]).toEqual([...table.services()]);
        expect([...adopted.slots()].sort()).toEqual([...table.slots()].sort());
        for (const slot of table.slots()) {
          expect(adopted.destinationAt(slot)).toMatchObject({ address: table.destinationAt(slot)?.address });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is as before or as after a change when the daemon dies at any write of it', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), change, (changes, last) => {
        for (let survived = 0, killed = true; killed; survived++) {
          let writesLeft = Number.POSITIVE_INFINITY;
          const maps = memoryMaps(() => {
            if (writesLeft-- <= 0) throw new Error('killed');
          });
          const table = createTable(maps);
          for (const each of [...usual, ...changes]) apply(table, each);
          const before = shown(table);
          writesLeft = survived;
          killed = !completes(() => apply(table, last));
          writesLeft = Number.POSITIVE_INFINITY;

          const adopted = createTable(maps);
          const found = shown(adopted);
          expectSound(maps, adopted);
          apply(adopted, last); // what was done in part is done in whole by doing it again
          expectSound(maps, adopted);
          const after = shown(adopted);
          expect(shown(createTable(maps))).toEqual(after);
          expect([before, after].map(String)).toContain(String(found));
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Something to change. */
const usual: readonly Change[] = [0, 1].flatMap((service) => [
  { kind: 'service', service, server: 0, weight: service } as const,
  ...[0, 1, 2].map((index) => ({ kind: 'server', service, server: index, weight: index + 1 }) as const),
]);

/** What is listed is available to the programs, what is not is not, and no slot is listed twice. */
function expectSound(maps: DirectorMaps, table: Table): void {
  const listed = [...table.services()].flatMap(({ destinations }) => destinations.map(({ slot }) => slot));
  expect(new Set(listed).size).toBe(listed.length);
  for (const [slot, { flags, address }] of maps.destinations.used()) {
    expect({ address, slot, flags }).toEqual({ address, slot, flags: listed.includes(slot) ? 1 : 0 });
  }
}

function completes(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
