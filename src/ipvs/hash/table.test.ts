/** Which real server each client gets, as real IPVS (Linux 6.1) gave them out. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import { type Scheduler, type SchedulerFlag, schedulers } from '../schedulers.ts';
import { type HashedDestination, hashPlaces, hashTableOf } from './table.ts';

/** 10.0.0.11, .12, … added in this order; the newest stands first. Slots are the last octets. */
function servers(weights: readonly number[], port = 0, lastWeights = weights): HashedDestination[] {
  return weights
    .map((weight, index) => ({
      slot: 11 + index,
      address: `10.0.0.${11 + index}` as Address,
      port,
      weight,
      lastWeight: lastWeights[index] ?? 0,
    }))
    .reverse();
}

type Case = {
  readonly scheduler: Scheduler;
  readonly flags?: readonly SchedulerFlag[];
  readonly list: readonly HashedDestination[];
  readonly clients: readonly string[];
};

/** Slots, `x` for a refused client. All come from port 5000. */
function chosen({ scheduler, flags = [], list, clients }: Case): string {
  const table = hashTableOf(scheduler, list) ?? [];
  const eligible = new Set(list.filter(({ weight }) => weight > 0).map(({ slot }) => slot));
  const choose = (client: string): number | string => {
    const packet = { client: client as Address, clientPort: 5000, virtual: '10.0.0.100' as Address };
    for (const place of hashPlaces(scheduler, flags, packet) ?? []) {
      const slot = table[place] ?? 0;
      if (slot === 0) break;
      if (eligible.has(slot)) return slot;
    }
    return 'x';
  };
  return clients.map(choose).join(' ');
}

const from = (first: number): string[] => Array.from({ length: 20 }, (_, index) => `10.0.0.${first + index}`);

describe('sh', () => {
  it.each([
    ['one weight', [1, 1, 1], [], '11 13 12 11 12 13 12 11 13 11 12 12 13 11 13 11 11 12 13 12'],
    ['sh-port', [1, 1, 1], ['flag-2'], '13 12 13 11 11 12 11 12 13 13 11 13 11 12 12 13 11 13 12 11'],
    ['weights', [3, 1, 2], [], '12 13 13 11 13 11 13 12 13 12 11 13 11 11 11 11 12 11 13 11'],
  ] as const)('gives clients out as IPVS does: %s', (_, weights, flags, wanted) => {
    expect(chosen({ scheduler: 'sh', flags, list: servers(weights), clients: from(100) })).toBe(wanted);
  });

  it('leaves a quiesced real server one place, whose clients are refused without sh-fallback', () => {
    const list = servers([0, 1, 0]);
    expect(chosen({ scheduler: 'sh', list, clients: from(100) })).toContain('x');
    expect(chosen({ scheduler: 'sh', flags: ['flag-1'], list, clients: from(100) })).not.toContain('x');
  });

  it('fills the table with one real server whose weight is above its size', () => {
    expect(new Set(hashTableOf('sh', servers([1, 300])))).toEqual(new Set([12]));
  });
});

describe('mh', () => {
  it.each([
    ['one weight', servers([1, 1, 1], 62), [], '13 11 13 13 12 12 13 12 13 11 11 12 13 11 12 12 13 13 12 13'],
    [
      'mh-port',
      servers([1, 1, 1], 63),
      ['flag-2'],
      '12 13 13 11 11 11 11 12 13 13 12 11 13 13 13 12 13 12 11 13',
    ],
    ['weights', servers([3, 1, 2], 65), [], '11 13 11 12 11 13 12 13 11 12 12 13 13 12 11 11 12 13 11 11'],
  ] as const)('gives clients out as IPVS does: %s', (_, list, flags, wanted) => {
    expect(chosen({ scheduler: 'mh', flags, list, clients: from(100) })).toBe(wanted);
  });

  it.each([
    [
      'weights far apart, which are cut to fewer turns',
      servers([2000, 3, 5], 66),
      [],
      '11 12 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11 11',
    ],
    [
      'a real server added with weight 0, which has no place',
      servers([3, 1, 2, 0], 68),
      [],
      '11 11 13 13 11 11 11 11 13 11 13 11 11 11 13 13 11 13 11 13',
    ],
    [
      'a quiesced real server, whose clients are refused',
      servers([0, 1, 2], 69, [3, 1, 2]),
      [],
      'x 13 x 13 x 12 13 x 13 x x x 12 13 12 12 x x x 13',
    ],
    [
      'a quiesced real server while others change',
      servers([0, 7, 2], 70, [3, 7, 2]),
      [],
      '13 12 13 12 13 12 13 12 12 12 13 13 x 12 x x 12 x 12 12',
    ],
    [
      'a quiesced real server with mh-fallback',
      servers([0, 1, 2], 71, [3, 1, 2]),
      ['flag-1'],
      '12 13 12 13 12 12 12 13 13 12 12 12 13 12 13 12 13 13 12 13',
    ],
  ] as const)('gives clients out as IPVS does: %s', (_, list, flags, wanted) => {
    expect(chosen({ scheduler: 'mh', flags, list, clients: from(200) })).toBe(wanted);
  });

  it('has an empty table when nobody has ever had a weight', () => {
    expect(new Set(hashTableOf('mh', servers([0, 0])))).toEqual(new Set([0]));
  });

  it('gives every real server with a weight a place in a table without gaps', () => {
    const weights = fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(weights, (all) => {
        const table = hashTableOf('mh', servers(all, 80)) ?? [];
        const wanted = all.flatMap((weight, index) => (weight > 0 ? [11 + index] : []));
        expect([...new Set(table)].sort()).toEqual(wanted.length > 0 ? wanted.sort() : [0]);
      }),
      { numRuns: 25 },
    );
  });

  it('moves few clients of the others when a real server goes', () => {
    const ten = servers(Array<number>(10).fill(1), 80);
    const before = hashTableOf('mh', ten) ?? [];
    const after = hashTableOf('mh', ten.slice(1)) ?? [];
    const gone = ten[0]?.slot;
    const moved = before.filter((slot, place) => slot !== gone && slot !== after[place]).length;
    expect(moved / before.length).toBeLessThan(0.1);
  });
});

describe('dh', () => {
  it('gives each place to the next real server, whatever it weighs', () => {
    const table = hashTableOf('dh', servers([5, 0, 1])) ?? [];
    expect(table.slice(0, 7)).toEqual([13, 12, 11, 13, 12, 11, 13]);
    expect(table.length).toBe(256);
  });

  it('sends every client of one virtual address to one real server', () => {
    const got = chosen({ scheduler: 'dh', list: servers([1, 2, 3]), clients: from(100) });
    expect(new Set(got.split(' '))).toEqual(new Set(['11']));
  });
});

describe('an IPv6 address', () => {
  const list = servers([3, 1, 2], 80);
  const folded = '10.0.0.100' as Address;
  const whole = '1::1:0:0:a01:65' as Address; // its words, XORed: 10.0.0.100

  it.each(['sh', 'mh', 'dh'] as const)('%s hashes by the XOR of its words', (scheduler) => {
    const places = (client: Address): number[] => [
      ...(hashPlaces(scheduler, ['flag-2'], { client, clientPort: 7, virtual: client }) ?? []),
    ];
    expect(places(whole)).toEqual(places(folded));
  });

  it('of a real server counts with its first word only in a service of IPv4', () => {
    const six = list.map((server) => ({ ...server, address: 'a00:b::1' as Address }));
    const four = list.map((server) => ({ ...server, address: '10.0.0.11' as Address }));
    expect(hashTableOf('mh', six.slice(0, 1), 4)).toEqual(hashTableOf('mh', four.slice(0, 1), 4));
    expect(hashTableOf('mh', six.slice(0, 2), 4)).toEqual(hashTableOf('mh', four.slice(0, 2), 4));
    expect(hashTableOf('mh', six, 6)).not.toEqual(hashTableOf('mh', four, 6));
  });
});

describe('every scheduler', () => {
  it.each(schedulers)('%s has a table and looks into it, or neither', (scheduler) => {
    const hashed = ['sh', 'mh', 'dh'].includes(scheduler);
    expect(hashTableOf(scheduler, []) !== undefined).toBe(hashed);
    expect(chosen({ scheduler, list: [], clients: from(100) })).toBe(Array(20).fill('x').join(' '));
  });

  it('looks at places of its table only', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.nat(65535), (client, clientPort) => {
        const packet = { client: client as Address, clientPort, virtual: client as Address };
        for (const scheduler of ['sh', 'mh', 'dh'] as const) {
          const size = hashTableOf(scheduler, [])?.length ?? 0;
          const places = [...(hashPlaces(scheduler, ['flag-1', 'flag-2'], packet) ?? [])];
          expect(places.every((place) => place >= 0 && place < size)).toBe(true);
        }
      }),
      { numRuns: 10 },
    );
  });
});
