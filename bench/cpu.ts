/** CPU time of the whole machine, as /proc/stat counts it (proc(5)). */

import { readFileSync } from 'node:fs';

const ticksPerSecond = 100; // USER_HZ

/** Seconds that all CPUs together have been at work since boot, interrupts included. */
export function busySeconds(text: string = readFileSync('/proc/stat', 'utf8')): number {
  const words = /^cpu\s+(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  // Neither idle and iowait, nor what other machines took (steal), nor guests, which count as user already.
  const [user = Number.NaN, nice = 0, system = 0, , , irq = 0, softirq = 0] = words;
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}
