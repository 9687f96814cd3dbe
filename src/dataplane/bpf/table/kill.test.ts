/**
 * A daemon that is killed leaves the old configuration or the new one, at whichever write it ends: for the packets that
 * come then, and for the daemon that comes next.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirectorMaps } from '../director-maps.ts';
import { anyChange, applyTo, changeKinds, serviceKeys, type TableChange } from './change.fixture.ts';
import { type MemoryMaps, memoryMaps } from './memory-maps.ts';
import { configurationInForce, unsettled } from './reader.ts';
import { createTable, type Table } from './table.ts';

/** How many writes are left until the daemon dies. */
type Life = { writesLeft: number };

/** Maps after these changes, and the life of the daemon that goes on with them. */
function mapsAfter(history: readonly TableChange[]): MemoryMaps {
  const maps = memoryMaps();
  const table = open(maps);
  apply(table, maps, history);
  return maps;
}

function mortal(maps: MemoryMaps, writesLeft: number): { readonly maps: MemoryMaps; readonly life: Life } {
  const life = { writesLeft };
  const die = (): void => {
    if (life.writesLeft-- <= 0) throw new Error('killed');
  };
  return { maps: maps.copy(die), life };
}

const now = 1_000_000_000n;
const open = (maps: DirectorMaps): Table => createTable({ maps, relieve: () => {}, now: () => now });

/** Every service with two real servers, and a third one in the trash. */
const usual: readonly TableChange[] = serviceKeys.flatMap((_, service) => [
  { kind: 'add service', service, server: 0, variant: service } as const,
  ...[0, 1, 2].map((server) => ({ kind: 'add server', service, server, variant: server + 2 }) as const),
  { kind: 'remove server', service, server: 2, variant: 0 } as const,
]);

function completes(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (String(error) !== 'Error: killed') throw error;
    return false;
  }
}

function apply(table: Table, maps: DirectorMaps, changes: readonly TableChange[]): void {
  for (const each of changes) applyTo(table, maps, each);
}

type Act = (table: Table, maps: DirectorMaps) => void;

/** Ends the daemon before each write of the act in turn, and looks at what is left. Returns how many there are. */
function killEverywhere(history: readonly TableChange[], act: Act): number {
  const start = mapsAfter(history);
  const before = String(configurationInForce(start));
  const done = start.copy(() => {});
  act(open(done), done);
  const after = String(configurationInForce(done));
  for (let survived = 0; ; survived++) {
    const { maps, life } = mortal(start, Number.POSITIVE_INFINITY);
    const table = open(maps);
    life.writesLeft = survived;
    const isDone = completes(() => act(table, maps));
    life.writesLeft = Number.POSITIVE_INFINITY;

    const found = String(configurationInForce(maps));
    expect(isDone ? [after] : [before, after]).toContain(found);
    takeOver(maps, life, survived);
    expect(String(configurationInForce(maps))).toBe(found);

    act(open(maps), maps);
    expect(unsettled(maps)).toEqual([]);
    if (isDone) return survived;
  }
}

/** The next daemon takes over, and is killed at it a few times, a little later each time. */
function takeOver(maps: MemoryMaps, life: Life, step: number): void {
  const found = String(configurationInForce(maps));
  for (const writes of [step % 3, 1 + (step % 5)]) {
    life.writesLeft = writes;
    completes(() => open(maps));
    life.writesLeft = Number.POSITIVE_INFINITY;
    expect(String(configurationInForce(maps))).toBe(found);
  }
  open(maps);
  expect(unsettled(maps)).toEqual([]);
}

/** What is written at once, batch or not. */
const settingKinds: ReadonlySet<string> = new Set(['mark rules', 'timeouts', 'sysctls']);

/** A service that goes comes back in a second step: without those that do. */
function withoutReturns(changes: readonly TableChange[]): readonly TableChange[] {
  const gone = new Set<number>();
  return changes.filter(({ kind, service }) => {
    if (kind === 'remove service') gone.add(service);
    if (kind === 'flush') for (const index of serviceKeys.keys()) gone.add(index);
    return kind !== 'add service' || !gone.has(service);
  });
}

/** Each case is a few hundred lives of a daemon. */
const patience = { timeout: 60_000 };

describe('killed at any write, a daemon leaves the old or the new', patience, () => {
  const variants: Readonly<Record<TableChange['kind'], readonly Omit<TableChange, 'kind'>[]>> = {
    'add service': [{ service: 0, server: 0, variant: 3 }],
    // The same scheduler with other settings, and another one with a hash table.
    'edit service': [0, 11, 12].map((variant) => ({ service: 0, server: 0, variant })),
    'remove service': [{ service: 3, server: 0, variant: 0 }],
    flush: [{ service: 0, server: 0, variant: 0 }],
    // One that comes back from the trash with other settings, and a new one.
    'add server': [2, 3].map((server) => ({ service: 1, server, variant: 7 })),
    // Another method, another weight, another threshold.
    'edit server': [0, 1, 8].map((variant) => ({ service: 0, server: 0, variant })),
    'remove server': [{ service: 2, server: 0, variant: 0 }],
    'mark rules': [{ service: 0, server: 0, variant: 2 }],
    timeouts: [{ service: 0, server: 0, variant: 5 }],
    sysctls: [{ service: 0, server: 0, variant: 5 }],
  };
  const removed: TableChange = { kind: 'remove service', service: 0, server: 0, variant: 0 };

  it.each(changeKinds)('%s', (kind) => {
    const history = kind === 'add service' ? [...usual, removed] : usual;
    for (const variant of variants[kind]) {
      const act: Act = (table, maps) => applyTo(table, maps, { kind, ...variant });
      expect(killEverywhere(history, act)).toBeGreaterThan(0);
    }
  });

  it('of any change after any others', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 12 }), anyChange, (changes, last) => {
        killEverywhere([...usual.slice(0, 12), ...changes], (table, maps) => applyTo(table, maps, last));
      }),
      { numRuns: 15 },
    );
  });

  it('of any changes at once after any others', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 6 }), fc.array(anyChange), (changes, last) => {
        const once = withoutReturns(last.filter(({ kind }) => !settingKinds.has(kind)));
        killEverywhere([...usual.slice(0, 12), ...changes], (table, maps) =>
          table.batch(() => apply(table, maps, once)),
        );
      }),
      { numRuns: 15 },
    );
  });
});

describe('a daemon that is not killed', patience, () => {
  it('leaves nothing that is still to come or to go', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 30 }), (changes) => {
        const maps = memoryMaps();
        const table = open(maps);
        for (const each of changes) {
          applyTo(table, maps, each);
          expect(unsettled(maps)).toEqual([]);
        }
      }),
    );
  });

  it('goes on with what the maps hold where a write of it fails', () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 8 }), fc.nat(12), anyChange, (changes, survived, last) => {
        const { maps, life } = mortal(mapsAfter([...usual, ...changes]), Number.POSITIVE_INFINITY);
        const table = open(maps);
        life.writesLeft = survived;
        completes(() => applyTo(table, maps, last));
        life.writesLeft = Number.POSITIVE_INFINITY;
        const found = configurationInForce(maps);
        expect([...table.services()]).toEqual([...open(maps).services()]);
        expect(configurationInForce(maps)).toEqual(found);
        applyTo(table, maps, last);
        expect([...table.services()]).toEqual([...open(maps).services()]);
      }),
      { numRuns: 30 },
    );
  });
});
