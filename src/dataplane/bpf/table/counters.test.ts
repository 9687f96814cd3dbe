/**
 * What services and real servers have counted, whatever is done to them: beside an account of it that counts for a service
 * and for a real server each time, as IPVS does.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import { type Destination, type Service, serviceKeyText } from '../../../ipvs/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { snapshot, snapshots, snapshotsByPieces } from '../snapshot.ts';
import { serviceKeys, web } from './change.fixture.ts';
import { type MemoryMaps, memoryMaps } from './memory-maps.ts';
import { createTable, type Table } from './table.ts';

type Step = { readonly kind: (typeof kinds)[number]; readonly service: number; readonly server: number };

const kinds = [
  ...(['packet', 'packet', 'packet', 'add service', 'add service', 'add service'] as const),
  ...(['add server', 'add server', 'add server', 'remove server', 'remove server'] as const),
  ...(['remove service', 'edit service', 'edit server'] as const),
  ...(['zero', 'purge', 'restart'] as const),
] as const;
const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  service: fc.nat(1),
  server: fc.nat(2),
});

const serviceOf = (index: number, weight = 1): Service => ({
  ...(serviceKeys[index] ?? web),
  ...{ scheduler: 'rr', flags: [], persistent: weight, netmask: 32, onePacket: false },
});
const serverOf = (index: number, weight = 1): Destination => ({
  ...{ address: `10.0.0.${11 + index}` as Address, port: 80 as Port, method: 'gate', weight },
  ...{ upperThreshold: 0, lowerThreshold: 0 },
});

/** A table, the daemons before it included. */
function bench(maps: MemoryMaps = memoryMaps()) {
  const clock = { now: 1_000_000_000_000n };
  const open = (): Table => createTable({ maps, relieve: () => {}, now: () => clock.now });
  let table = open();
  const find = (service: number, server: number) =>
    table.service(serviceOf(service)) && table.destination(serviceOf(service), serverOf(server));
  return {
    maps,
    find,
    get table() {
      return table;
    },
    restart: (): void => {
      table = open();
    },
    purge(): void {
      clock.now += 120_000_000_000n;
      table.purge();
    },
    /** Whether it was done: what a director would refuse is left out. */
    take({ kind, service, server }: Step): boolean {
      const [key, there] = [serviceOf(service), find(service, server)];
      const has = table.hasService(key);
      const done = (_: unknown): boolean => true;
      switch (kind) {
        case 'packet':
          return !!there && done(maps.count(there.slot, 100n));
        case 'add service':
          return !has && done(table.addService(key));
        case 'edit service':
          return has && done(table.editService(serviceOf(service, 60)));
        case 'remove service':
          return has && done(table.removeService(key));
        case 'add server':
          return has && !there && done(table.addDestination(key, serverOf(server)));
        case 'edit server':
          return !!there && done(table.editDestination(key, serverOf(server, 2)));
        case 'remove server':
          return !!there && done(table.removeDestination(key, serverOf(server)));
        case 'zero':
          return has && done(table.zero(key));
        case 'purge':
          return done(this.purge());
        case 'restart':
          return done(this.restart());
      }
    },
  };
}

/** `key packets`, and of each real server `key address packets`. */
function shown(maps: DirectorMaps, table: Table): readonly string[] {
  const all = [...snapshots({ maps, table })];
  for (const each of all) {
    const entry = table.service(each);
    expect(entry && snapshot(maps, entry, table.trashed(each))).toEqual(each);
    const { inPackets, inBytes } = each.counters;
    expect(inBytes).toBe(100 * inPackets);
  }
  return all
    .flatMap((service) => [
      `${serviceKeyText(service)} ${service.counters.inPackets}`,
      ...service.destinations.map(
        ({ address, counters }) => `${serviceKeyText(service)} ${address} ${counters.inPackets}`,
      ),
    ])
    .toSorted();
}

/** Each counter by itself. A real server that comes back to the service that it has left has what it had. */
function account() {
  type Counter = { packets: number };
  const services = new Map<
    string,
    Counter & { readonly servers: Map<string, Counter>; trash: Map<string, Counter> }
  >();
  return {
    take({ kind, service, server }: Step): void {
      const key = serviceKeyText(serviceOf(service));
      const { address } = serverOf(server);
      const own = services.get(key);
      const counter = own?.servers.get(address);
      if (kind === 'add service') services.set(key, { packets: 0, servers: new Map(), trash: new Map() });
      if (kind === 'remove service') services.delete(key);
      if (kind === 'purge') for (const each of services.values()) each.trash = new Map();
      if (!own) return;
      if (kind === 'packet' && counter) {
        own.packets++;
        counter.packets++;
      }
      if (kind === 'add server') own.servers.set(address, own.trash.get(address) ?? { packets: 0 });
      if (kind === 'add server') own.trash.delete(address);
      if (kind === 'remove server' && counter) {
        own.trash.set(address, counter);
        own.servers.delete(address);
      }
      if (kind === 'zero') for (const each of [own, ...own.servers.values()]) each.packets = 0;
    },
    shown: (): readonly string[] =>
      [...services]
        .flatMap(([key, { packets, servers }]) => [
          `${key} ${packets}`,
          ...[...servers].map(([address, counter]) => `${key} ${address} ${counter.packets}`),
        ])
        .toSorted(),
  };
}

const steps = (service: number, all: readonly Step['kind'][], server: number): readonly Step[] =>
  all.map((kind) => ({ kind, service, server }));

/** Every service, and real servers that have counted. */
const everything = [0, 1].flatMap((service) => [
  ...steps(service, ['add service'], 0),
  ...[0, 1, 2].flatMap((server) => steps(service, ['add server', 'packet'], server)),
]);

/** Each step can be made. */
function benchAfter(all: readonly Step[]) {
  const begun = bench();
  for (const step of all) expect({ ...step, isDone: begun.take(step) }).toEqual({ ...step, isDone: true });
  return begun;
}

/** What a daemon has made of these maps that dies after so many writes of the act. */
function killedAt(from: MemoryMaps, writes: number, act: (daemon: ReturnType<typeof bench>) => void) {
  let left = Number.POSITIVE_INFINITY;
  const maps = from.copy(() => {
    if (left-- <= 0) throw new Error('killed');
  });
  const daemon = bench(maps);
  left = writes;
  let isDone = true;
  try {
    act(daemon);
  } catch (error) {
    expect(String(error)).toBe('Error: killed');
    isDone = false;
  }
  left = Number.POSITIVE_INFINITY;
  return { maps, isDone };
}

/** Each case is dozens of daemons. */
const patience = { timeout: 60_000 };

describe('counters', patience, () => {
  it('of a real server that comes back to another service than it has left begin anew, for both', () => {
    const own = benchAfter([
      ...steps(0, ['add service', 'add server', 'packet', 'remove service'], 0),
      ...steps(0, ['add service', 'add server', 'packet'], 0),
    ]);
    const key = serviceKeyText(web);
    expect(shown(own.maps, own.table)).toEqual([`${key} 1`, `${key} 10.0.0.11 1`]);
  });

  it('are those of a service and a real server that count each packet, whatever is done to either', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40, size: 'max' }), (steps) => {
        const [own, expected] = [bench(), account()];
        for (const step of [...everything, ...steps]) if (own.take(step)) expected.take(step);
        expect(shown(own.maps, own.table)).toEqual(expected.shown());
      }),
      { numRuns: 60 },
    );
  });

  it('are the same for the next daemon at whichever write one is killed that empties the trash', () => {
    const begun = benchAfter([
      ...[0, 1].flatMap((service) => [
        ...steps(service, ['add service', 'add server', 'packet'], 0),
        ...[1, 2].flatMap((server) => steps(service, ['add server', 'packet', 'packet'], server)),
      ]),
      // Of one service two of three go, of the other one has been away and has come back.
      ...[1, 2].flatMap((server) => steps(0, ['remove server'], server)),
      ...steps(1, ['remove server', 'add server', 'packet'], 1),
      ...steps(1, ['remove server'], 2),
    ]);
    const before = shown(begun.maps, begun.table);
    expect(before).toContain(`${serviceKeyText(serviceOf(0))} 5`);
    expect(before).toContain(`${serviceKeyText(serviceOf(1))} 6`);

    for (let writes = 0, isWhole = false; !isWhole; writes++) {
      const { maps, isDone } = killedAt(begun.maps, writes, (daemon) => daemon.purge());
      isWhole = isDone;
      for (const _ of ['the next daemon', 'and the one after that']) {
        const next = bench(maps);
        expect(shown(maps, next.table)).toEqual(before);
        next.purge();
        expect(shown(maps, next.table)).toEqual(before);
        expect([...next.table.slots()].length).toBe(3);
      }
    }
  });

  it('of a service are zeroed, or not, by a daemon that is killed at it', () => {
    const begun = benchAfter([
      ...steps(0, ['add service'], 0),
      ...[0, 1, 2].flatMap((server) => steps(0, ['add server', 'packet'], server)),
      ...steps(0, ['packet', 'remove server'], 2),
    ]);
    for (let writes = 0, isWhole = false; !isWhole; writes++) {
      const { maps, isDone } = killedAt(begun.maps, writes, ({ table }) => table.zero(web));
      isWhole = isDone;
      const [service] = snapshots({ maps, table: bench(maps).table });
      expect(service?.counters.inPackets).toBe(isDone ? 0 : 4);
    }
  });

  it('of a listing do not go back where, while it is read, a slot of the trash becomes somebody else’s', () => {
    const own = benchAfter([
      ...steps(0, ['add service', 'add server', 'packet'], 0),
      ...steps(0, ['add server', 'packet', 'remove server'], 1),
    ]);
    const { destinationCounts } = own.maps;
    const slotBySlot = function* (first: number, end: number) {
      for (let slot = first; slot < end; slot++) yield* destinationCounts.pieces(slot, slot + 1);
    };
    const maps = { ...own.maps, destinationCounts: { ...destinationCounts, pieces: slotBySlot } };
    const pieces = snapshotsByPieces({ maps, table: own.table });
    expect(pieces.next().value).toBeUndefined();
    own.purge();
    destinationCounts.clearMany([2]);
    const listed = [...pieces].flatMap((service) => service?.counters.inPackets ?? []);
    expect(listed).toEqual([2]);
  });
});
