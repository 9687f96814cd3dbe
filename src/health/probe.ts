/** Asking a real server once: a row for each kind of probe. */

import { type Attempt, attempted, ProbeFailure, type Success } from './attempt.ts';
import type { Probe } from './check.ts';
import type { Dialer } from './dial.ts';
import type { Outcome } from './outcome.ts';
import { probeFile } from './probes/file.ts';
import { probeTcp } from './probes/tcp.ts';
import type { Target } from './target.ts';

/** Resolves when the answer is there or the signal is aborted (a timeout). Never rejects. */
export type Prober = (probe: Probe, target: Target, signal: AbortSignal) => Promise<Outcome>;

export function createProber(dialer: Dialer): Prober {
  return (probe, target, signal) => attempted(target, dialer, signal, (attempt) => run(probe, attempt));
}

async function run(probe: Probe, attempt: Attempt): Promise<Success> {
  switch (probe.kind) {
    case 'tcp':
      return await probeTcp(probe, attempt);
    case 'file':
      return await probeFile(probe, attempt);
    default:
      throw new ProbeFailure('local', `${probe.kind} is not known here`);
  }
}
