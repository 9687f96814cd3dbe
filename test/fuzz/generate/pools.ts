/**
 * What there is to choose from: few of everything, so that the same flows are met again and again. Addresses are
 * those of test/support/world.ts.
 */

import type { Address, Family, Port } from '../../../src/ipvs/address.ts';
import { vip, vip6 } from '../../support/world.ts';

type Pool = readonly (readonly [string, number])[];

/** A list in which each thing stands as often as its weight says. */
export function often<T>(rows: readonly (readonly [T, number])[]): readonly T[] {
  return rows.flatMap(([thing, weight]) => new Array<T>(weight).fill(thing));
}

const texts = (pool: Pool): readonly Address[] => often(pool) as readonly Address[];

export type Addresses = {
  readonly vips: readonly Address[];
  readonly servers: readonly Address[];
  /** This host, as a real server. */
  readonly own: readonly Address[];
  readonly clients: readonly Address[];
  /** Where clients send what is for no service. */
  readonly elsewhere: readonly Address[];
};

export const addresses: Readonly<Record<Family, Addresses>> = {
  4: {
    vips: texts([
      [vip, 6],
      ['10.0.0.102', 3],
      ['10.0.0.101', 1],
    ]), // the last one is not ours
    servers: texts([
      ...(['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.1.0.27', '10.1.0.28', '10.1.0.29'] as const).map(
        (address) => [address, 4] as const,
      ),
      ['10.2.0.11', 3], // behind a router
      ['10.3.0.11', 3], // by a narrow way
      ['10.1.0.50', 1], // whose MAC nobody knows
      ['198.18.0.11', 1], // that cannot be reached
    ]),
    own: texts([
      ['10.0.0.2', 2],
      ['127.0.0.1', 1],
      [vip, 1],
    ]),
    clients: texts([
      ['10.0.0.200', 4],
      ['10.0.0.201', 3],
      ['203.0.113.7', 2],
      ['10.1.0.30', 1],
      ['127.0.0.1', 1],
    ]),
    elsewhere: texts([
      ['10.0.0.2', 1],
      ['10.1.0.27', 1],
      ['203.0.113.9', 1],
      ['10.0.0.255', 1],
    ]),
  },
  6: {
    vips: texts([
      [vip6, 6],
      ['fd00:0:0:1::102', 3],
      ['fd00::101', 1],
    ]),
    servers: texts([
      ...(['fd00::b', 'fd00::c', 'fd00::d', 'fd01::1b', 'fd01::1c', 'fd01::1d'] as const).map(
        (address) => [address, 4] as const,
      ),
      ['fd02::11', 3],
      ['fd03::11', 3],
      ['fd01::50', 1],
      ['fd09::11', 1],
    ]),
    own: texts([
      ['fd00::2', 2],
      ['::1', 1],
      [vip6, 1],
    ]),
    clients: texts([
      ['fd00::c8', 4],
      ['fd00::c9', 3],
      ['2001:db8::7', 2],
      ['fd01::1e', 1],
      ['fd00::fe', 1],
    ]),
    elsewhere: texts([
      ['fd00::2', 1],
      ['fd01::1b', 1],
      ['2001:db8::9', 1],
      ['ff02::1', 1],
    ]),
  },
};

const ports = (pool: readonly (readonly [number, number])[]): readonly Port[] =>
  often(pool) as readonly Port[];

export const virtualPorts = ports([
  [80, 4],
  [443, 2],
  [53, 2],
  [8080, 1],
]);
export const ftpPorts = ports([
  [21, 3],
  [20, 1],
  [2021, 1],
]);
export const serverPorts = ports([
  [8080, 2],
  [80, 1],
  [5353, 1],
]);
export const clientPorts = ports([
  [1024, 4],
  [1025, 4],
  [1026, 3],
  [1027, 2],
  [40_000, 2],
  [20, 1],
  [0, 1],
]);

export const weights = often([
  [1, 12],
  [2, 4],
  [3, 3],
  [5, 2],
  [10, 1],
  [100, 1],
  [0, 3],
  [65_535, 1],
  [2_147_483_647, 1],
]);
export const thresholds = often<readonly [number, number]>([
  [[1, 0], 3],
  [[2, 0], 3],
  [[2, 1], 2],
  [[3, 2], 2],
  [[4, 0], 1],
  [[1, 1], 1],
]);
export const persistences = often([
  [1, 1],
  [10, 2],
  [60, 2],
  [300, 2],
  [360, 2],
  [86_400, 1],
]);
export const netmasks: Readonly<Record<Family, readonly number[]>> = {
  4: often([
    [0xffffffff, 5],
    [0xffffff00, 2],
    [0xffff0000, 1],
    [0xff0000ff, 1],
    [0xfffffffe, 1],
  ]),
  6: often([
    [128, 5],
    [64, 2],
    [127, 1],
    [32, 1],
  ]),
};

/** In milliseconds: around IPVS's own timeouts, and between. */
export const waits = often([
  ...[1, 5, 20, 100, 400, 999, 1000, 1001, 1500, 2000, 3000, 3001].map((ms) => [ms, 3] as const),
  ...[9_999, 10_000, 10_001, 29_000, 30_001, 59_000, 60_000, 60_001, 61_001].map((ms) => [ms, 2] as const),
  ...[119_999, 120_001, 121_000, 299_999, 300_001, 360_001, 600_000, 899_999, 900_001].map(
    (ms) => [ms, 1] as const,
  ),
  [86_400_001, 1],
]);

export const payloads = often([
  [0, 6],
  [1, 2],
  [7, 1],
  [18, 2],
  [100, 2],
  [536, 1],
]);
/** Around the MTUs of the world, less an IPv4 and a TCP header. */
export const largePayloads = [
  1232, 1240, 1260, 1261, 1400, 1432, 1440, 1441, 1452, 1460, 1461, 1473, 2000, 2900,
];
export const ttls = often([
  [1, 3],
  [2, 1],
  [0, 1],
  [255, 1],
]);
