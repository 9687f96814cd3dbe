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
