import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import { FairleadError } from '../../../ipvs/errors.ts';
import type { DirectorMaps } from '../director-maps.ts';
import { anyChange, applyTo, type TableChange, web } from './change.fixture.ts';
import { memoryMaps } from './memory-maps.ts';
import { configurationInForce, unsettled } from './reader.ts';
import { createTable, type Table } from './table.ts';

const open = (maps: DirectorMaps): Table =>
  createTable({ maps, relieve: () => {}, now: () => 1_000_000_000n });

function applyAll(table: Table, maps: DirectorMaps, changes: readonly TableChange[]): void {
  for (const each of changes) applyTo(table, maps, each);
}

/** Without what is not in the table, which is changed at once. */
const some = fc.array(
  anyChange.filter(({ kind }) => !['mark rules', 'timeouts', 'sysctls'].includes(kind)),
  { maxLength: 25 },
);

/** Whether it was done. What was removed may not come back in the same transaction. */
function together(table: Table, maps: DirectorMaps, changes: readonly TableChange[]): boolean {
  try {
    table.transaction(changes.length, () => applyAll(table, maps, changes));
    return true;
  } catch (error) {
    if (!(error instanceof FairleadError) || error.code !== 'SERVICE_EXISTS') throw error;
    return false;
  }
}

const add = (service: number, server: number): TableChange => ({
  ...{ kind: 'add server', service, server, variant: 1 },
});

describe('a transaction', () => {
  it('comes to what its changes come to one by one, or to nothing', () => {
    fc.assert(
      fc.property(some, some, some, (history, changes, more) => {
        const [one, other] = [memoryMaps(), memoryMaps()];
        const [first, second] = [open(one), open(other)];
        applyAll(first, one, history);
        applyAll(second, other, history);
        const before = configurationInForce(other);
        const isDone = together(second, other, changes);
        if (isDone) applyAll(first, one, changes);
        expect(configurationInForce(other)).toEqual(isDone ? configurationInForce(one) : before);
        expect([...second.services()]).toEqual([...open(other).services()]);
        expect(unsettled(other)).toEqual([]);
        applyAll(first, one, more);
        applyAll(second, other, more);
        expect(configurationInForce(other)).toEqual(configurationInForce(one));
      }),
    );
  });

  it('takes effect by one write, whatever it takes away', () => {
    const maps = memoryMaps();
    const table = open(maps);
    const services = [0, 1, 2, 3].map((service) => ({ kind: 'add service', service, server: 0, variant: 1 }));
    applyAll(table, maps, [...(services as TableChange[]), add(0, 0), add(0, 1), add(1, 0), add(2, 0)]);
    const before = configurationInForce(maps);
    const { generation } = maps.settings.get(0);
    table.transaction(2, () => {
      applyAll(table, maps, [
        { kind: 'remove server', service: 0, server: 0, variant: 0 },
        { kind: 'remove service', service: 1, server: 0, variant: 0 },
        { kind: 'edit server', service: 2, server: 0, variant: 4 },
        { kind: 'add service', service: 4, server: 0, variant: 2 },
        add(4, 3),
      ]);
      expect(configurationInForce(maps)).toEqual(before);
    });
    expect(maps.settings.get(0).generation).toBe(generation + 1);
    expect([...table.services()].map(({ destinations }) => destinations.length)).toEqual([1, 1, 0, 1]);
  });

  it('has done nothing where it throws', () => {
    fc.assert(
      fc.property(some, some, (history, changes) => {
        const maps = memoryMaps();
        const table = open(maps);
        applyAll(table, maps, history);
        const before = configurationInForce(maps);
        const failing = () => {
          applyAll(table, maps, changes);
          throw new FairleadError('SERVICE_EXISTS');
        };
        expect(() => table.transaction(changes.length, failing)).toThrow();
        expect(configurationInForce(maps)).toEqual(before);
        expect([...table.services()]).toEqual([...open(maps).services()]);
      }),
    );
  });

  it('has been done or not, at whichever write the daemon is killed', () => {
    const changes: readonly TableChange[] = [
      { kind: 'edit service', service: 0, server: 0, variant: 12 },
      { kind: 'remove server', service: 0, server: 1, variant: 0 },
      add(0, 3),
      { kind: 'remove service', service: 1, server: 0, variant: 0 },
      { kind: 'edit server', service: 2, server: 0, variant: 8 },
      { kind: 'add service', service: 4, server: 0, variant: 11 },
      add(4, 0),
    ];
    const start = memoryMaps();
    applyAll(open(start), start, [
      ...[0, 1, 2, 3].map((service) => ({ kind: 'add service', service, server: 0, variant: 2 }) as const),
      ...[0, 1, 2].flatMap((service) => [add(service, 0), add(service, 1)]),
    ]);
    const before = String(configurationInForce(start));
    const whole = start.copy(() => {});
    together(open(whole), whole, changes);
    const after = String(configurationInForce(whole));
    let writesLeft = Number.POSITIVE_INFINITY;
    for (let survived = 0, isDone = false; !isDone; survived++) {
      const maps = start.copy(() => {
        if (writesLeft-- <= 0) throw new Error('killed');
      });
      const table = open(maps);
      writesLeft = survived;
      try {
        isDone = together(table, maps, changes);
      } catch (error) {
        expect(String(error)).toBe('Error: killed');
      }
      writesLeft = Number.POSITIVE_INFINITY;
      const found = String(configurationInForce(maps));
      expect(isDone ? [after] : [before, after]).toContain(found);
      open(maps);
      expect(unsettled(maps)).toEqual([]);
      expect(String(configurationInForce(maps))).toBe(found);
    }
  });

  it('writes as much for what it changes, however much else there is', () => {
    const writesBeside = (others: number): number => {
      let writes = 0;
      const maps = memoryMaps(() => {
        writes++;
      });
      const table = open(maps);
      const servers = Array.from({ length: 20 }, (_, at) => ({
        ...{ address: `10.0.0.${at + 1}` as Address, port: 80 as Port, method: 'gate' as const },
        ...{ weight: 1, upperThreshold: 0, lowerThreshold: 0 },
      }));
      const settings = {
        scheduler: 'wlc',
        flags: [],
        persistent: 0,
        netmask: 0xffffffff,
        onePacket: false,
      } as const;
      const keys = Array.from({ length: others + 1 }, (_, at) => ({ ...web, port: (1 + at) as Port }));
      table.transaction(keys.length * servers.length, () => {
        for (const key of keys) {
          table.addService({ ...key, ...settings });
          for (const server of servers) table.addDestination(key, server);
        }
      });
      writes = 0;
      table.transaction(0, () => {
        for (const server of servers.slice(0, 2))
          table.editDestination(keys[0] ?? web, { ...server, weight: 2 });
      });
      return writes;
    };
    expect(writesBeside(200)).toBe(writesBeside(0));
  });

  it('makes room for real servers before it begins', () => {
    const maps = memoryMaps();
    const table = open(maps);
    applyAll(table, maps, [
      { kind: 'add service', service: 0, server: 0, variant: 1 },
      add(0, 0),
      { kind: 'remove server', service: 0, server: 0, variant: 0 },
    ]);
    expect([...table.slots()].length).toBe(1);
    table.transaction(200_000, () => {});
    expect([...table.slots()].length).toBe(0);
  });
});

describe('a transaction in pieces', () => {
  // Everything is looked at after each piece, which takes its time.
  const few = fc.array(
    anyChange.filter(({ kind }) => !['mark rules', 'timeouts', 'sysctls'].includes(kind)),
    { maxLength: 8 },
  );
  const runs = { numRuns: 40 };
  /** The changes, with a turn for others after each. */
  const pieces = (table: Table, maps: DirectorMaps, changes: readonly TableChange[]) =>
    table.transactionByPieces(changes.length, function* () {
      for (const each of changes) {
        applyTo(table, maps, each);
        yield;
      }
    });
  const seen = (table: Table) => ({
    services: [...table.services()],
    slots: [...table.slots()].map((slot) => [slot, table.destinationAt(slot)]),
  });
  /** What others find between two pieces; the last of it is how it ended. */
  const driven = (table: Table, maps: DirectorMaps, changes: readonly TableChange[], look: () => void) => {
    try {
      for (const _ of pieces(table, maps, changes)) look();
      return true;
    } catch (error) {
      if (!(error instanceof FairleadError) || error.code !== 'SERVICE_EXISTS') throw error;
      return false;
    }
  };

  it('comes to what it comes to as a whole, and shows others nothing but what was before and what is after', () => {
    fc.assert(
      fc.property(few, few, few, (history, changes, more) => {
        const [one, other] = [memoryMaps(), memoryMaps()];
        const [first, second] = [open(one), open(other)];
        applyAll(first, one, history);
        applyAll(second, other, history);
        const before = { ...seen(second), maps: configurationInForce(other) };
        const looks: (typeof before)[] = [];
        const isDone = driven(second, other, changes, () =>
          looks.push({ ...seen(second), maps: configurationInForce(other) }),
        );
        expect(together(first, one, changes)).toBe(isDone);
        const after = { ...seen(second), maps: configurationInForce(other) };
        if (!isDone) expect(after).toEqual(before);
        const begins = looks.findIndex(({ maps }) => maps.join() !== before.maps.join());
        for (const [at, look] of looks.entries()) {
          const isOver = begins >= 0 && at >= begins;
          expect(look.maps).toEqual(isOver ? after.maps : before.maps);
          if (begins >= 0) expect(look.services).toEqual(isOver ? after.services : before.services);
        }
        expect(after.maps).toEqual(configurationInForce(one));
        expect(after.services).toEqual([...open(other).services()]);
        expect(unsettled(other)).toEqual([]);
        applyAll(first, one, more);
        applyAll(second, other, more);
        expect(configurationInForce(other)).toEqual(configurationInForce(one));
      }),
      runs,
    );
  });

  it('is done or not, wherever nobody asks for its next piece', () => {
    fc.assert(
      fc.property(few, few, few, fc.nat(60), (history, changes, more, last) => {
        const [one, other] = [memoryMaps(), memoryMaps()];
        const [first, second] = [open(one), open(other)];
        applyAll(first, one, history);
        applyAll(second, other, history);
        const before = configurationInForce(other);
        const begun = pieces(second, other, changes);
        try {
          for (let asked = 0; asked < last && !begun.next().done; asked++);
          begun.return(undefined);
        } catch (error) {
          if (!(error instanceof FairleadError) || error.code !== 'SERVICE_EXISTS') throw error;
        }
        const now = configurationInForce(other);
        if (now.join() !== before.join()) together(first, one, changes);
        expect(now).toEqual(configurationInForce(one));
        expect([...second.services()]).toEqual([...open(other).services()]);
        applyAll(first, one, more);
        applyAll(second, other, more);
        expect(configurationInForce(other)).toEqual(configurationInForce(one));
      }),
      runs,
    );
  });

  it('keeps its hands off what is there where it is refused, which then need not be read anew', () => {
    const writes = { count: 0 };
    const maps = memoryMaps(() => void writes.count++);
    const table = open(maps);
    applyAll(table, maps, [{ kind: 'add service', service: 0, server: 0, variant: 0 }, add(0, 0)]);
    const [before, services] = [writes.count, [...table.services()]];
    const refused = table.transactionByPieces(1, function* () {
      applyTo(table, maps, add(0, 1));
      yield;
      throw new FairleadError('DESTINATION_EXISTS');
    });
    expect(() => [...refused]).toThrow();
    expect(writes.count).toBe(before);
    expect([...table.services()].every((each, at) => each === services[at])).toBe(true);
  });

  it('lets nobody else make a change meanwhile, and frees nothing', () => {
    const maps = memoryMaps();
    const table = open(maps);
    applyAll(table, maps, [{ kind: 'add service', service: 0, server: 0, variant: 0 }]);
    for (const _ of pieces(table, maps, [add(0, 0), add(0, 1)])) {
      expect(() => applyTo(table, maps, add(0, 2))).toThrow(/another change is being made/);
      table.purge();
    }
    expect(table.service(web)?.destinations.length).toBe(2);
  });
});
