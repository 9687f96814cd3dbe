import { expect, test } from 'vitest';
import { figuresOf, type Round } from './figures.ts';
import { strideOf } from './source.ts';

const round: Round = {
  generator: 70,
  redirect: 100,
  'socket buffer': 180,
  'Fairlead 1024': 130,
  'Fairlead 65536': 190,
};
const ratiosOf = (rounds: readonly Round[], name: string) =>
  figuresOf('live frames', rounds)
    .find((figure) => figure.name === name)
    ?.ratios.map(({ to, value, atMost }) => [to, value.median, atMost]);

test('ratios are of what a frame costs beyond the generator', () => {
  expect(ratiosOf([round], 'live frames: Fairlead (1024 flows)')).toEqual([
    ['redirect, generator subtracted', 2, undefined],
    ['socket buffer, generator subtracted', 60 / 110, undefined],
  ]);
});

test('where the kernel has IPVS, it is compared with the same number of flows', () => {
  const beside = { ...round, 'IPVS 1024': 550, 'IPVS 65536': 1030 };
  expect(ratiosOf([beside], 'live frames: Fairlead (65536 flows)')?.[2]).toEqual([
    'IPVS (65536 flows), generator subtracted',
    120 / 960,
    0.125,
  ]);
});

test('without IPVS there is no row of it', () => {
  expect(figuresOf('live frames', [round]).map(({ name }) => name)).not.toContain('live frames: IPVS');
  expect(figuresOf('live frames', [round])).toHaveLength(5);
});

test('every flow has its turn', () => {
  for (const flows of [1, 2, 1024, 65_536]) {
    const step = strideOf(flows);
    const seen = new Set<number>();
    for (let [turn, at] = [0, 0]; turn < flows; turn++) {
      at = (at + step) % flows;
      seen.add(at);
    }
    expect(seen.size).toBe(flows);
  }
});
