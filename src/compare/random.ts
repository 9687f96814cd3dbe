/** Chance from a seed: the same seed gives the same choices, on every machine and in every version of Node. */

export type Random = {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** One of the keys, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
};

/** sfc32 (PractRand), seeded by a hash of the text. */
export function createRandom(seed: string): Random {
  const next = sfc32(seed);
  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[below(from.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  };
  return {
    below,
    pick,
    chance: (probability) => next() / 2 ** 32 < probability,
    weighted(weights) {
      const rows = Object.entries(weights) as [keyof typeof weights, number][];
      let left = below(rows.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [key, weight] of rows) {
        left -= weight;
        if (left < 0) return key;
      }
      throw new RangeError('no weight is above 0');
    },
  };
}

function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [hash(`${seed}.a`), hash(`${seed}.b`), hash(`${seed}.c`), 1];
  const next = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + sum) >>> 0;
    return sum;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
