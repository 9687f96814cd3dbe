import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirectorMaps } from '../director-maps.ts';
import { anyChange, applyTo, serviceKeys, type TableChange } from './change.fixture.ts';
import { memoryMaps } from './memory-maps.ts';
import { configurationInForce, unsettled } from './reader.ts';
import { createTable, type Table } from './table.ts';

const open = (maps: DirectorMaps): Table =>
  createTable({ maps, relieve: () => {}, now: () => 1_000_000_000n });

function applyAll(table: Table, maps: DirectorMaps, changes: readonly TableChange[]): void {
  for (const each of changes) applyTo(table, maps, each);
}

const some = fc.array(anyChange, { maxLength: 25 });

describe('changes in a batch', () => {
  it('come to what they come to one by one, whatever was there before', () => {
    fc.assert(
      fc.property(some, some, some, (history, changes, more) => {
        const [one, together] = [memoryMaps(), memoryMaps()];
        const [first, second] = [open(one), open(together)];
        for (const [table, maps] of [
          [first, one],
          [second, together],
        ] as const)
          applyAll(table, maps, history);
        applyAll(first, one, changes);
        second.batch(() => applyAll(second, together, changes));
        expect(configurationInForce(together)).toEqual(configurationInForce(one));
        expect(unsettled(together)).toEqual([]);
        applyAll(first, one, more);
        second.batch(() => applyAll(second, together, more));
        expect(configurationInForce(together)).toEqual(configurationInForce(one));
      }),
    );
  });

  it('are remembered as they are found again', () => {
    fc.assert(
      fc.property(some, some, (history, changes) => {
        const maps = memoryMaps();
        const table = open(maps);
        applyAll(table, maps, history);
        table.batch(() => applyAll(table, maps, changes));
        const found = open(maps);
        expect([...table.services()]).toEqual([...found.services()]);
        expect([...table.slots()].sort()).toEqual([...found.slots()].sort());
        for (const slot of table.slots())
          expect(table.destinationAt(slot)).toMatchObject(found.destinationAt(slot) ?? {});
      }),
    );
  });

  it('take effect by one write', () => {
    const maps = memoryMaps();
    const table = open(maps);
    const before = maps.settings.get(0).generation;
    table.batch(() => {
      for (const [service] of serviceKeys.entries()) {
        applyTo(table, maps, { kind: 'add service', service, server: 0, variant: service });
        for (const server of [0, 1, 2])
          applyTo(table, maps, { kind: 'add server', service, server, variant: 1 });
        applyTo(table, maps, { kind: 'edit server', service, server: 1, variant: 3 });
        applyTo(table, maps, { kind: 'remove server', service, server: 2, variant: 0 });
      }
      applyTo(table, maps, { kind: 'remove service', service: 3, server: 0, variant: 0 });
      expect(configurationInForce(maps)).toEqual(configurationInForce(memoryMaps()));
    });
    expect(maps.settings.get(0).generation).toBe(before + 1);
    expect([...table.services()].map(({ destinations }) => destinations.length)).toEqual([2, 2, 2, 2]);
  });

  it('that bring back a service which goes take effect by two', () => {
    const maps = memoryMaps();
    const table = open(maps);
    const add: TableChange = { kind: 'add service', service: 0, server: 0, variant: 1 };
    applyAll(table, maps, [add, { ...add, kind: 'add server' }]);
    const before = maps.settings.get(0).generation;
    table.batch(() => {
      applyAll(table, maps, [{ ...add, kind: 'remove service' }, add]);
      expect(configurationInForce(maps)).toEqual(configurationInForce(memoryMaps()));
      applyAll(table, maps, [
        { ...add, kind: 'add server' },
        { ...add, kind: 'add server', server: 1 },
      ]);
    });
    expect(maps.settings.get(0).generation).toBe(before + 2);
    expect([...table.services()].map(({ slot }) => slot)).toEqual([2]);
  });

  it('whose writing fails are all refused, and so is what comes behind them', () => {
    let isBroken = false;
    const maps = memoryMaps().copy(() => {
      if (isBroken) throw new Error('no memory');
    });
    const table = open(maps);
    const add: TableChange = { kind: 'add service', service: 0, server: 0, variant: 1 };
    applyAll(table, maps, [add]);
    const refusals: string[] = [];
    const attempt = (change: TableChange): void => {
      try {
        applyTo(table, maps, change);
      } catch (error) {
        refusals.push(String(error));
      }
    };
    const all = (): void =>
      table.batch(() => {
        attempt({ ...add, kind: 'remove service' });
        isBroken = true;
        attempt(add);
        isBroken = false;
        attempt({ ...add, service: 1 });
      });
    expect(all).toThrow('no memory');
    expect(refusals).toEqual(['Error: no memory', 'Error: no memory']);
    expect([...table.services()].map(({ slot }) => slot)).toEqual([1]);
    applyTo(table, maps, { ...add, service: 1 });
    expect([...table.services()].map(({ slot }) => slot)).toEqual([1, 2]);
  });

  it('do not take what is still in use: rooms are given back behind them', () => {
    const maps = memoryMaps();
    const table = open(maps);
    const add = (server: number): TableChange => ({ kind: 'add server', service: 0, server, variant: 1 });
    applyAll(table, maps, [{ kind: 'add service', service: 0, server: 0, variant: 1 }, add(0), add(1)]);
    const members = () => maps.members.range(0, 64);
    const inForce = table.service(serviceKeys[0] as never)?.extent;
    const old = members().slice(inForce?.first, (inForce?.first ?? 0) + 2);
    table.batch(() => applyAll(table, maps, [add(2), add(3), add(4)]));
    expect(members().slice(inForce?.first, (inForce?.first ?? 0) + 2)).toEqual(old);
  });
});
