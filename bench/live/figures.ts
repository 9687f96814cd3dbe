/** From nanoseconds of a frame to the rows of the table. Pure. */

import type { Figure, Ratio } from '../figure.ts';
import { spreadOf } from '../statistics.ts';

/** One turn of each: nanoseconds of a frame, the generator's own and the way to the director included. */
export type Round = {
  /** Dropped where it arrives. */
  readonly generator: number;
  readonly redirect: number;
  /** Made by the stack, and dropped before it does anything with it. */
  readonly 'socket buffer': number;
  readonly 'Fairlead 1024': number;
  readonly 'Fairlead 65536': number;
  /** Where this kernel has it. */
  readonly 'IPVS 1024'?: number;
  readonly 'IPVS 65536'?: number;
};

const mostOfIpvs = 1 / 8;

/** Ratios are of what a frame costs beyond the generator. */
export function figuresOf(title: string, rounds: readonly Round[]): readonly Figure[] {
  const names = Object.keys(rounds[0] ?? {}) as readonly (keyof Round)[];
  return names.map((name) => ({
    name: `${title}: ${label(name)}`,
    value: spreadOf(rounds.map((round) => round[name] ?? Number.NaN)),
    unit: 'ns',
    ratios: ratiosOf(name, names, rounds),
  }));
}

function label(name: keyof Round): string {
  return name.replace(/ (\d+)$/, ' ($1 flows)');
}

function ratiosOf(
  name: keyof Round,
  names: readonly (keyof Round)[],
  rounds: readonly Round[],
): readonly Ratio[] {
  const flows = /^Fairlead (\d+)$/.exec(name)?.[1];
  if (flows === undefined) return [];
  const beyond = (round: Round, which: keyof Round): number => (round[which] ?? Number.NaN) - round.generator;
  const others = (['redirect', 'socket buffer', `IPVS ${flows}`] as const).filter((other) =>
    (names as readonly string[]).includes(other),
  ) as readonly (keyof Round)[];
  return others.map((other) => ({
    to: `${label(other)}, generator subtracted`,
    value: spreadOf(rounds.map((round) => beyond(round, name) / beyond(round, other))),
    ...(other.startsWith('IPVS') && { atMost: mostOfIpvs }),
  }));
}
