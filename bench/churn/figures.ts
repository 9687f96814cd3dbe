/** What a flood does to established flows, as rows of the table. Pure. */

import type { Figure } from '../figure.ts';
import { spreadOf } from '../statistics.ts';

export type Round = {
  readonly alone: Turn;
  readonly beside: Turn;
  readonly flooded: { readonly frames: number; readonly seconds: number };
};

export type Turn = {
  /** CPU time of a frame of an established flow. */
  readonly nanoseconds: number;
  /** Frames that have not come out behind the director. */
  readonly lost: number;
  /** Of these, those that neither a ring nor the director has counted: none, however busy the machine is. */
  readonly nowhere: number;
};

/** Of their rate with a CPU to themselves. */
const leastRate = 0.9;

export function figuresOf(flows: number, rounds: readonly Round[]): readonly Figure[] {
  const title = `SYN flood on ${flows} established flows`;
  const rate = ({ nanoseconds }: Turn): number => 1e9 / nanoseconds;
  const lost = spreadOf([rounds.reduce((sum, { beside }) => sum + beside.lost, 0)]);
  const nowhere = spreadOf([
    rounds.reduce((sum, { alone, beside }) => sum + alone.nowhere + beside.nowhere, 0),
  ]);
  const kept = spreadOf(rounds.map(({ alone, beside }) => rate(beside) / rate(alone)));
  const of = (measure: (round: Round) => number) => spreadOf(rounds.map(measure));
  return [
    { name: `${title}: alone`, value: of(({ alone }) => rate(alone)), unit: '/s', ratios: [] },
    {
      name: `${title}: flooded`,
      value: of(({ beside }) => rate(beside)),
      unit: '/s',
      ratios: [{ to: 'alone', value: kept, atLeast: leastRate }],
    },
    {
      name: `${title}: SYNs`,
      value: of(({ flooded }) => flooded.frames / flooded.seconds),
      unit: '/s',
      ratios: [],
    },
    {
      name: `lost of ${flows} established flows`,
      value: lost,
      unit: 'packets',
      ratios: [{ to: 'none', value: lost, atMost: 0 }],
    },
    {
      name: `lost of ${flows} established flows, and counted nowhere`,
      value: nowhere,
      unit: 'packets',
      ratios: [{ to: 'none', value: nowhere, atMost: 0 }],
    },
  ];
}
