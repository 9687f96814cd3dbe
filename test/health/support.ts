/** What tests of health checks stand on: a checker in a namespace, and what it reports. */

import { onTestFinished } from 'vitest';
import type { Probe, SingleCheck } from '../../src/health/check.ts';
import { type Checker, createChecker } from '../../src/health/checker/checker.ts';
import { type Job, jobOf } from '../../src/health/job.ts';
import type { Outcome } from '../../src/health/outcome.ts';
import type { Address, Port } from '../../src/ipvs/address.ts';
import type { ForwardingMethod } from '../../src/ipvs/service.ts';
import { until } from '../director/processes.ts';
import type { Namespace } from '../director/support.ts';

export type Watched = Checker & {
  /** The next outcome of this job. */
  next(job: Job): Promise<Outcome>;
  /** All so far, the oldest first. */
  outcomes(job: Job): readonly Outcome[];
  readonly log: readonly string[];
};

/** A checker of this namespace, as a daemon has it, until the test has finished. */
export function watch({ inode }: Namespace): Watched {
  const heard = new Map<string, Outcome[]>();
  const log: string[] = [];
  const checker = createChecker({
    namespace: inode,
    report: (id, outcome) => heard.set(id, [...(heard.get(id) ?? []), outcome]),
    log: (line) => log.push(line),
  });
  onTestFinished(() => checker.close());
  const outcomes = ({ id }: Job): readonly Outcome[] => heard.get(id) ?? [];
  return {
    ...checker,
    ...{ outcomes, log },
    next: async (job) => {
      const before = outcomes(job).length;
      return await until('an outcome', () => outcomes(job)[before], 15_000);
    },
  };
}

/** Whom a job asks; without a method by address translation, that is by the real server's own address. */
export type Asked = {
  readonly vip?: string;
  readonly port: number;
  readonly rip?: string;
  readonly method?: ForwardingMethod;
};

export function jobFor(probe: Probe, asked: Asked, rhythm: Partial<SingleCheck> = {}): Job {
  const { vip = '192.0.2.100', rip = '127.0.0.1', method = 'masq' } = asked;
  const port = asked.port as Port;
  const check = { name: 'check', probe, intervalMs: 200, timeoutMs: 4000, rise: 1, fall: 1, jitter: 0 };
  return jobOf(
    { ...check, start: 'up', ...rhythm },
    { kind: 'address', protocol: 'tcp', address: vip as Address, port },
    { address: rip as Address, port, method },
  );
}
