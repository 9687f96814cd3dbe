/** CPU time as the kernel counts it (proc(5)). */

import { readFileSync } from 'node:fs';
import { processes } from '../src/lab/proc.ts';

const ticksPerSecond = 100; // USER_HZ

/** Seconds that all CPUs together have been at work since boot, interrupts included. */
export function busySeconds(text: string = readFileSync('/proc/stat', 'utf8')): number {
  const words = /^cpu\s+(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  // Neither idle and iowait, nor what other machines took (steal), nor guests, which count as user already.
  const [user = Number.NaN, nice = 0, system = 0, , , irq = 0, softirq = 0] = words;
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}

/**
 * Nanoseconds that this process has been on a CPU, and that the kernel's thread for soft interrupts has been on the one that
 * this process is confined to: what it takes to handle frames here, whoever else wants the CPU meanwhile.
 */
export function frameClock(): () => number {
  const cpu = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const helper = processes().find((pid) => nameOf(pid) === `ksoftirqd/${cpu}`);
  return () => workOfSelf() + (helper === undefined ? 0 : onCpu(helper));
}

/** Nanoseconds that this process has been on a CPU. */
export function workOfSelf(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** As of the last time that it left the CPU, or that the clock ticked. */
function onCpu(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined; // it has gone
  }
}
