import { describe, expect, test } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import type { ForwardingMethod } from '../../ipvs/service.ts';
import { createLookout, serversIn } from './lookout.ts';
import { free, type Holding, listed, type Place, trashed } from './table/entries.ts';
import { memoryMaps } from './table/memory-maps.ts';

const own = '10.0.0.2' as Address;
const elsewhere = '10.0.0.11' as Address;

const at = (address: Address, method: ForwardingMethod) => ({ address, method });
const holding = (method: ForwardingMethod): Holding => ({ ...at(elsewhere, method), slot: 1 }) as Holding;
const change = (before: Place, after: Place) => ({ destinations: [{ slot: 1, before, after }] });

function lookoutOver(...servers: readonly ReturnType<typeof at>[]) {
  const maps = memoryMaps();
  return { maps, lookout: createLookout({ maps, servers: () => servers, own: () => new Set([own]) }) };
}

describe('what leaves is looked at', () => {
  test('where a real server is masqueraded, wherever it is', () => {
    expect(lookoutOver(at(elsewhere, 'gate'), at(elsewhere, 'masq')).lookout.isNeeded()).toBe(true);
  });

  test('where a real server is this host itself, by whatever method', () => {
    expect(lookoutOver(at(elsewhere, 'gate'), at(own, 'gate')).lookout.isNeeded()).toBe(true);
    expect(lookoutOver(at(own, 'ipip')).lookout.isNeeded()).toBe(true);
    expect(lookoutOver(at('127.0.0.5' as Address, 'gate')).lookout.isNeeded()).toBe(true);
  });

  test('not where all real servers are elsewhere and answer by themselves', () => {
    expect(lookoutOver(at(elsewhere, 'gate'), at(elsewhere, 'ipip')).lookout.isNeeded()).toBe(false);
    expect(lookoutOver().lookout.isNeeded()).toBe(false);
  });

  test('as long as there may be replies, and while an upgrade brings connections over', () => {
    const { maps, lookout } = lookoutOver(at(elsewhere, 'gate'));
    maps.pressure.set(0, { replies: 1 });
    expect(lookout.isNeeded()).toBe(true);
    maps.pressure.set(0, {});
    expect(lookout.isNeeded()).toBe(false);
    maps.settings.set(0, { ...maps.settings.get(0), carryingSince: 1n });
    expect(lookout.isNeeded()).toBe(true);
  });
});

describe('a change brings a real server', () => {
  const trash = trashed({ ...holding('masq'), deletedAt: 0n, until: 1 });

  test('that was not there, or was deleted', () => {
    expect(serversIn(change(free, listed(holding('gate'))))).toHaveLength(1);
    expect(serversIn(change(trash, listed(holding('masq'))))).toHaveLength(1);
  });

  test('whose method is another one from now on', () => {
    expect(serversIn(change(listed(holding('gate')), listed(holding('masq'))))).toHaveLength(1);
  });

  test('but none where another of its settings changes, or where one goes', () => {
    const heavier = listed({ ...holding('masq'), weight: 5 });
    expect(serversIn(change(listed(holding('masq')), heavier))).toEqual([]);
    expect(serversIn(change(listed(holding('masq')), trash))).toEqual([]);
    expect(serversIn(change(trash, free))).toEqual([]);
  });
});
