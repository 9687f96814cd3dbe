/** Weights of a service's real servers, as the weighted schedulers use them. */

/** Greatest common divisor of the weights above 0; 1 when there is none. */
export function weightGcd(weights: readonly number[]): number {
  return weights.reduce(gcd, 0) || 1;
}

export function maxWeightOf(weights: readonly number[]): number {
  return weights.reduce((most, weight) => Math.max(most, weight), 0);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Weights that come and go one by one. Neither looks at all the others, however many they are. */
export type Tally = {
  add(weight: number): void;
  /** One that was added. */
  remove(weight: number): void;
  /** As weightGcd and maxWeightOf have it. */
  gcd(): number;
  max(): number;
};

export function createTally(weights: Iterable<number>): Tally {
  const counts = new Map<number, number>();
  /** Of what is in `counts`; `undefined` where a weight has gone that may have made it what it was. */
  let known: { readonly divisor: number; readonly most: number } | undefined = { divisor: 0, most: 0 };
  const add = (weight: number): void => {
    counts.set(weight, (counts.get(weight) ?? 0) + 1);
    if (known) known = { divisor: gcd(known.divisor, weight), most: Math.max(known.most, weight) };
  };
  const extremes = (): NonNullable<typeof known> => {
    if (known) return known;
    const distinct = [...counts.keys()];
    known = { divisor: distinct.reduce(gcd, 0), most: maxWeightOf(distinct) };
    return known;
  };
  for (const weight of weights) add(weight);
  return {
    add,
    remove(weight) {
      const left = (counts.get(weight) ?? 0) - 1;
      if (left > 0) counts.set(weight, left);
      else if (counts.delete(weight)) known = undefined;
    },
    gcd: () => extremes().divisor || 1,
    max: () => extremes().most,
  };
}
