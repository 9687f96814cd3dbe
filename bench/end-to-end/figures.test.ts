import { expect, test } from 'vitest';
import { figuresOf, type Round } from './figures.ts';

const turn = (rate: number, most: number) => ({ rate, half: most / 10, most, work: 1 / rate });
/** HAProxy and nginx take twice what a direct connection takes, Fairlead a tenth more. */
const round = (pace: number): Round => ({
  direct: turn(110 * pace, 1),
  ceiling: turn(104 * pace, 2),
  fairlead: turn(100 * pace, 2.2),
  haproxy: turn(55 * pace, 5),
  nginx: turn(50 * pace, 6),
});

test('ratios are of figures of the same round, whatever the machine did in another', () => {
  const figures = figuresOf('new connections', '/s', [round(1), round(7), round(0.1)]);
  const fairlead = figures.find(({ name }) => name === 'new connections: Fairlead');
  expect(fairlead?.value.median).toBe(100);
  expect(fairlead?.ratios.map(({ to, value, atLeast }) => [to, value.median.toFixed(3), atLeast])).toEqual([
    ['ceiling', '0.962', 0.95],
    ['direct', '0.909', undefined],
    ['HAProxy', '1.818', 2.5],
    ['nginx', '2.000', 2.5],
  ]);
});

test('no director at all is compared with proxies, too: nobody can be further from them', () => {
  const direct = figuresOf('new connections', '/s', [round(1)]).find(({ name }) => name.endsWith(': direct'));
  expect(direct?.ratios.map(({ to, value }) => [to, value.median])).toEqual([
    ['HAProxy', 2],
    ['nginx', 2.2],
  ]);
});

test('of CPU time what is added to a direct connection is compared with what a proxy adds', () => {
  const figures = figuresOf('keep-alive', '/s', [round(1)]);
  const work = figures.find(({ name }) => name === 'keep-alive: Fairlead, CPU of a request');
  const added = work?.ratios.find(({ to }) => to === 'HAProxy, added');
  expect(added?.value.median).toBeCloseTo((1 / 100 - 1 / 110) / (1 / 55 - 1 / 110), 10);
  expect(added?.atMost).toBeCloseTo(1 / 3, 10);
});

test('bulk has a rate and CPU time, and no latency', () => {
  const names = figuresOf('download', 'B/s', [round(1)]).map(({ name }) => name);
  expect(names).toContain('download: Fairlead, CPU of 1 MiB');
  expect(names.filter((name) => name.includes('p99'))).toEqual([]);
});
