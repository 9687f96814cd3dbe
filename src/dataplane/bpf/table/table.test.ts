import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import { type Destination, fullNetmask, type Service, type ServiceKey } from '../../../ipvs/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { anyChange, applyTo, serviceKeys, web } from './change.fixture.ts';
import { memoryMaps } from './memory-maps.ts';
import { createTable, type Table } from './table.ts';

const second = 1_000_000_000n;

/** A table whose clock and overload marks the test sees. */
function bench(maps: DirectorMaps = memoryMaps()) {
  const clock = { now: 1000n * second };
  const relieved: number[] = [];
  const table = createTable({ maps, relieve: (slot) => relieved.push(slot), now: () => clock.now });
  return { maps, table, clock, relieved };
}

const service = (key: ServiceKey = web): Service => ({
  ...key,
  scheduler: 'rr',
  flags: [],
  persistent: 0,
  netmask: fullNetmask(4),
  onePacket: false,
});
const server = (index: number, over: Partial<Destination> = {}): Destination => ({
  address: `10.0.0.${11 + index}` as Address,
  port: 80 as Port,
  method: 'gate',
  weight: 1,
  upperThreshold: 0,
  lowerThreshold: 0,
  ...over,
});
const listOf = (table: Table): readonly string[] | undefined =>
  table.service(web)?.destinations.map(({ address }) => address);

describe('a table', () => {
  it('lists services in the order of addition, and real servers with the newest first', () => {
    const { table } = bench();
    for (const key of serviceKeys) table.addService(service(key));
    for (const index of [0, 1, 2]) table.addDestination(web, server(index));
    expect([...table.services()].map(({ slot }) => slot)).toEqual([1, 2, 3, 4, 5]);
    expect(listOf(table)).toEqual(['10.0.0.13', '10.0.0.12', '10.0.0.11']);
  });

  it('tells a service from what its slot held before, and from itself with another scheduler', () => {
    const { table } = bench();
    const births = new Set<number | undefined>();
    const note = (): unknown => births.add(table.service(web)?.born);
    table.addService({ ...service(), scheduler: 'lblc' });
    note();
    table.editService({ ...service(), scheduler: 'lblcr' });
    note();
    table.removeService(web);
    table.addService({ ...service(), scheduler: 'lblcr' });
    note();
    expect(births.size).toBe(3);
  });

  it('gives a real server that comes back the slot its connections know it by', () => {
    const { table } = bench();
    table.addService(service());
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
      fc.property(fc.array(anyChange, { maxLength: 40 }), (changes) => {
        const { table, maps } = bench();
        for (const each of changes) applyTo(table, maps, each);
        const adopted = bench(maps).table;
        expect([...adopted.services()]).toEqual([...table.services()]);
        expect([...adopted.slots()].sort()).toEqual([...table.slots()].sort());
        for (const slot of table.slots()) {
          expect(table.destinationAt(slot)).toMatchObject(adopted.destinationAt(slot) ?? {});
        }
      }),
    );
  });

  it('forgets the tunnel of a real server that is no longer reached by one, and the engine of a service', () => {
    const { table } = bench();
    table.addService({ ...service(), persistent: 60, engine: 'sip' });
    table.editService(service());
    expect(table.service(web)).not.toHaveProperty('engine');
    const tunnel = { type: 'gre', port: 0, checksum: 'csum' } as const;
    table.addDestination(web, server(0, { method: 'ipip', tunnel }));
    table.editDestination(web, server(0));
    expect(table.service(web)?.destinations[0]).not.toHaveProperty('tunnel');
  });

  it('says how much there is of what spares packets a look', () => {
    const { table, maps } = bench();
    for (const key of serviceKeys) table.addService(service(key));
    expect(maps.settings.get(0)).toMatchObject({
      addressServices: 3,
      markServices: 2,
      ftpServices: 1,
      anyPortServices: 1,
    });
    expect([...maps.vips.entries()].map(([{ family }, { value }]) => [family, value])).toEqual([
      [6, 1],
      [4, 2],
    ]);
    table.removeAllServices();
    expect(maps.settings.get(0)).toMatchObject({ addressServices: 0, markServices: 0 });
    expect([...maps.vips.entries()]).toEqual([]);
  });
});

describe('trash', () => {
  const discarded = () => {
    const all = bench();
    all.table.addService(service());
    all.table.addDestination(web, server(0, { method: 'masq' }));
    all.table.removeDestination(web, server(0));
    return all;
  };

  it('is freed after two minutes, once no connection and no template refers to it', () => {
    const { table, maps, clock } = discarded();
    clock.now += 119n * second;
    table.purge();
    expect([...table.slots()]).toEqual([1]);
    clock.now += 1n * second;
    for (const bound of [{ active: 1 }, { inactive: 1 }, { persistent: 1 }]) {
      maps.destinationLoad.set(1, bound);
      table.purge();
      expect([...table.slots()]).toEqual([1]);
    }
    maps.destinationLoad.set(1, {});
    table.purge();
    expect([...table.slots()]).toEqual([]);
    expect([...maps.destinations.used()]).toEqual([]);
  });

  it('of a service that is gone counts for none, also after the daemon', () => {
    const { table, maps } = discarded();
    table.removeService(web);
    expect(table.destinationAt(1)?.serviceSlot).toBe(0);
    expect(maps.destinations.get(1).serviceSlot).toBe(0);
    expect(bench(maps).table.destinationAt(1)?.serviceSlot).toBe(0);
  });
});

describe('the mark of an overload', () => {
  const overloaded = (upperThreshold: number) => {
    const all = bench();
    all.table.addService(service());
    all.table.addDestination(web, server(0, { upperThreshold }));
    return all;
  };

  it.each([
    ['is taken off when the threshold is raised', 5, 6, [1]],
    ['is taken off when there is no threshold any more', 5, 0, [1]],
    ['stays when the threshold is lowered', 5, 4, []],
    ['stays when it is the same', 5, 5, []],
  ] as const)('%s', (_, before, after, wanted) => {
    const { table, relieved } = overloaded(before);
    table.editDestination(web, server(0, { upperThreshold: after, weight: 7 }));
    expect(relieved).toEqual(wanted);
  });

  it('is taken off a real server that comes back from the trash with a higher threshold', () => {
    const { table, relieved } = overloaded(5);
    table.removeDestination(web, server(0));
    table.addDestination(web, server(0, { upperThreshold: 9 }));
    expect(relieved).toEqual([1]);
  });

  it('is taken off by the next daemon where the one before ended in between', () => {
    const { table, maps } = overloaded(5);
    const dying = createTable({
      maps,
      relieve: () => {
        throw new Error('killed');
      },
      now: () => 0n,
    });
    expect(() => dying.editDestination(web, server(0, { upperThreshold: 6 }))).toThrow('killed');
    expect(bench(maps).relieved).toEqual([1]);
    expect(bench(maps).relieved).toEqual([]);
    expect(table.service(web)).toBeDefined();
  });
});
