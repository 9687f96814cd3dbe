/** The rhythm of jobs: each once per interval, not all at once, and not too many at a time. */

import type { Probing } from '../attempt.ts';
import type { Job } from '../job.ts';
import type { Outcome } from '../outcome.ts';
import type { Prober } from '../probe.ts';

/** Probes that may be under way at a time. Those that are due beyond that wait for their turn. */
const underWayLimit = 4096;

export type Rounds = {
  /** The first probe comes within an interval, at random. A job of the same id takes the other's place. */
  begin(job: Job): void;
  end(id: string): void;
  close(): void;
};

type Round = {
  readonly job: Job;
  timer?: NodeJS.Timeout;
  probing?: Probing;
  /** When the next probe is due, but for its jitter, in milliseconds of performance.now(). */
  due: number;
};

/** `report` hears of every outcome but those of jobs that were ended meanwhile. */
export function createRounds(probe: Prober, report: (id: string, outcome: Outcome) => void): Rounds {
  const rounds = new Map<string, Round>();
  const waiting = new Set<Round>();
  let underWay = 0;

  const schedule = (round: Round): void => {
    const { intervalMs, jitter } = round.job;
    const moved = (Math.random() - 0.5) * jitter * intervalMs;
    round.timer = setTimeout(start, Math.max(0, round.due + moved - performance.now()), round);
  };
  const start = (round: Round): void => {
    if (underWay < underWayLimit) void ask(round);
    else waiting.add(round);
  };
  const ask = async (round: Round): Promise<void> => {
    const { id, target, timeoutMs, intervalMs } = round.job;
    underWay++;
    const probing = probe(round.job.probe, target);
    round.probing = probing;
    // An answer that came while this process was busy has come in time: timers run before sockets are read.
    const timeout = setTimeout(setImmediate, timeoutMs, probing.expire);
    const outcome = await probing.outcome;
    clearTimeout(timeout);
    underWay--;
    for (const next of waiting) {
      waiting.delete(next);
      start(next);
      break;
    }
    if (rounds.get(id) !== round) return;
    report(id, outcome);
    // What could not keep the rhythm does not make up for it.
    round.due = Math.max(round.due + intervalMs, performance.now());
    schedule(round);
  };
  const end = (id: string): void => {
    const round = rounds.get(id);
    if (!round) return;
    rounds.delete(id);
    waiting.delete(round);
    clearTimeout(round.timer);
    round.probing?.expire();
  };
  return {
    begin(job) {
      end(job.id);
      const round: Round = { job, due: performance.now() + Math.random() * job.intervalMs };
      rounds.set(job.id, round);
      schedule(round);
    },
    end,
    close: () => {
      for (const id of rounds.keys()) end(id);
    },
  };
}
