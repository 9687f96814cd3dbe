/** Numbers of configurations: 32 bits that come round, without 0, which means always or never. */

export function nextGeneration(generation: number): number {
  return (generation + 1) >>> 0 || 1;
}

/** Whether what begins with `since` has begun. */
export function hasBegun(since: number, generation: number): boolean {
  return since === 0 || ((generation - since) | 0) >= 0;
}

/** Whether what ends before `until` has ended. */
export function hasEnded(until: number, generation: number): boolean {
  return until !== 0 && hasBegun(until, generation);
}
