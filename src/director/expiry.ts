/**
 * When the connection table is swept: about once a second, and before each listing so that it shows exact counts; seldomer
 * where the table is so large that a sweep takes long. By turns of a millisecond or so, between which the daemon answers and
 * others have the CPU: a sweep of a million entries takes some tens of them.
 */

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { DataPlane, SweepPiece } from '../dataplane/dataplane.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import type { SweepFigures } from '../metrics/snapshot.ts';

/** Milliseconds; those of a turn by the clock, since everybody else waits as long. */
const [turn, period] = [1, 1000];
/** Sweeping may take a fiftieth of one CPU's time. */
const restPerWork = 50;
/** A listing does not wait for a sweep of more CPU time: that is a table of tens of millions of entries. */
const listingPatience = 1000;

/** Both in milliseconds. */
export type Clocks = {
  /** Monotonic. */
  now(): number;
  /** What this process has had of the CPUs: a sweep on a busy machine lasts long, and costs no more for it. */
  worked(): number;
};

export type Expiry = {
  /** Does a turn's work if it is time. Answers after how many milliseconds it is to be called again. */
  step(): number;
  /**
   * Resolves when every count is of this moment or a later one, unless that would take too long. Listings in a loop spend half
   * of their time on it at most.
   */
  beforeListing(): Promise<void>;
  /** The next sweep, which has something else to do than wait for time to pass, is due now. */
  hasten(): void;
  /** Of all sweeps so far. */
  sweeps(): SweepFigures;
};

type Sweep = {
  readonly number: number;
  readonly began: number;
  readonly pieces: Generator<SweepPiece>;
  cost: number;
  /** The part of it that no rest has followed yet. */
  unpaid: number;
};

export function createExpiry(plane: Pick<DataPlane, 'sweepByPieces'>, { now, worked }: Clocks): Expiry {
  let underway: Sweep | undefined;
  let [begun, finished] = [0, 0];
  let [cost, ended, due] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let total = 0;
  let shared: Promise<void> | undefined;

  const end = (sweep: Sweep): void => {
    underway = undefined;
    ({ number: finished, cost } = sweep);
    ended = now();
    due = Math.max(sweep.began + period, ended + sweep.unpaid * restPerWork);
  };
  const work = (): { readonly sweep: Sweep; readonly kind: SweepPiece } => {
    underway ??= { number: ++begun, began: now(), pieces: plane.sweepByPieces(), cost: 0, unpaid: 0 };
    const sweep = underway;
    const [from, before] = [now(), worked()];
    let isOver = true;
    let kind: SweepPiece = 'usual';
    try {
      do {
        const piece = sweep.pieces.next();
        isOver = piece.done === true;
        if (!piece.done) kind = piece.value;
      } while (!isOver && now() - from < turn);
    } catch (error) {
      isOver = true;
      throw error;
    } finally {
      const took = worked() - before;
      sweep.cost += took;
      sweep.unpaid += took;
      total += took;
      if (isOver) end(sweep);
    }
    return { sweep, kind };
  };
  const workForListings = async (): Promise<void> => {
    work();
    if (underway) await nextTurn();
  };

  return {
    step() {
      const began = now();
      if (began < due) return due - began;
      const { sweep, kind } = work();
      if (underway && kind === 'usual') {
        const ended = now();
        due = ended + Math.max(sweep.unpaid * restPerWork, ended - began);
        sweep.unpaid = 0;
      }
      return Math.max(due - now(), 0);
    },
    async beforeListing() {
      if (cost > listingPatience || now() - ended < cost) return;
      // One that is under way has looked at some entries before this moment.
      const wanted = begun + 1;
      while (finished < wanted) {
        shared ??= workForListings().finally(() => {
          shared = undefined;
        });
        await shared;
      }
    },
    hasten() {
      if (!underway) due = now();
    },
    sweeps: () => ({ count: finished, cpuSeconds: total / 1000, ageSeconds: (now() - ended) / 1000 }),
  };
}

/** Until `signal` is aborted. A failure must not end the daemon, and is told of once. */
export async function keepSweeping(
  { step }: Pick<Expiry, 'step'>,
  log: Pick<Logger, 'warning'>,
  signal: AbortSignal,
): Promise<void> {
  let said = '';
  while (!signal.aborted) {
    let [rest, failure] = [period, ''];
    try {
      rest = step();
    } catch (error) {
      failure = messageOf(error);
    }
    if (failure !== said && failure !== '') log.warning(failure);
    said = failure;
    // Whoever hastens the next sweep is heard within a second.
    await sleep(Math.min(rest, period), undefined, { signal }).catch(() => undefined);
  }
}
