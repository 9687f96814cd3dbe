/** A probe that is repeated: whom it asks, what, and how often. What is alike is one job, whoever asks for it. */

import { createHash } from 'node:crypto';
import type { Probe, SingleCheck } from './check.ts';
import { type Target, targetOf } from './target.ts';

export type Job = {
  /** The same for all jobs that are alike. */
  readonly id: string;
  readonly probe: Probe;
  readonly target: Target;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Share of the interval, 0 to 1. */
  readonly jitter: number;
};

/** The job of a check for one real server of one service. Services that share a real server share the job, too. */
export function jobOf(
  check: SingleCheck,
  service: Parameters<typeof targetOf>[1],
  server: Parameters<typeof targetOf>[2],
): Job {
  const { probe, intervalMs, timeoutMs, jitter } = check;
  const target = essential(probe, targetOf(check, service, server));
  const job = { probe, target, intervalMs, timeoutMs, jitter };
  return { id: createHash('sha256').update(encodeJob(job)).digest('base64url').slice(0, 22), ...job };
}

/** Without what makes no difference to this probe: that is what jobs can be shared by. */
function essential(probe: Probe, target: Target): Target {
  if (target.via === 'dr' || probe.kind === 'command' || probe.kind === 'file') return target;
  return { rip: target.rip, rport: target.rport, via: 'rip', vport: 0, protocol: 'tcp' };
}

/** JSON, in which octets are `{"octets":"<base64>"}`. */
export function encodeJob(job: Omit<Job, 'id'>): string {
  return JSON.stringify(job, (_, value: unknown) =>
    value instanceof Uint8Array ? { octets: Buffer.from(value).toString('base64') } : value,
  );
}

/** Of JSON that `encodeJob` has written. */
export function reviveOctets(_: string, value: unknown): unknown {
  const isOctets = typeof value === 'object' && value !== null && Object.keys(value).join() === 'octets';
  return isOctets ? new Uint8Array(Buffer.from((value as { octets: string }).octets, 'base64')) : value;
}
