import { describe, expect, it } from 'vitest';
import type { SweepPiece } from '../dataplane/dataplane.ts';
import { createExpiry, keepSweeping } from './expiry.ts';

type Piece = { readonly cost: number; readonly lasting?: number; readonly kind?: SweepPiece };

/** A table whose sweep comes in such pieces; each lasts as long as it costs, unless the machine is busy with other things. */
function table(...pieces: readonly Piece[]) {
  let [time, work, sweeps] = [0, 0, 0];
  const done: number[] = [];
  let failure: Error | undefined;
  const expiry = createExpiry(
    {
      *sweepByPieces() {
        if (failure) throw failure;
        const number = ++sweeps;
        for (const { cost, lasting = cost, kind = 'usual' } of pieces) {
          work += cost;
          time += lasting;
          done.push(number);
          yield kind;
        }
      },
    },
    { now: () => time, worked: () => work },
  );
  return {
    expiry,
    sweeps: () => sweeps,
    /** Of which sweep each piece was that has been done. */
    done,
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
    fail: (error: Error | undefined) => {
      failure = error;
    },
    now: () => time,
  };
}

const large = Array.from({ length: 20 }, () => ({ cost: 1 }));

describe('expiry', () => {
  it('sweeps a small table once a second, however often it is called', () => {
    const { expiry, sweeps, wait } = table({ cost: 0.2 });
    for (let call = 0; call < 20; call++) {
      expiry.step();
      wait(500);
    }
    expect(sweeps()).toBe(10);
  });

  it('says when it is to be called again', () => {
    const { expiry, wait } = table({ cost: 0.2 });
    expect(expiry.step()).toBeCloseTo(999.8);
    wait(600);
    expect(expiry.step()).toBeCloseTo(399.8);
  });

  it('goes over a large table by turns of a millisecond, and rests fifty times as long after each', () => {
    const { expiry, done, wait, now } = table(...large);
    const turns: number[] = [];
    while (done.length < large.length) {
      turns.push(now());
      const [before, rest] = [done.length, expiry.step()];
      expect(done.length - before).toBe(1);
      wait(rest);
    }
    expect(turns.slice(0, 3)).toEqual([0, 51, 102]);
    expect(expiry.sweeps()).toEqual({ count: 0, cpuSeconds: 0.02, ageSeconds: Number.POSITIVE_INFINITY });
    expiry.step();
    expect(expiry.sweeps()).toMatchObject({ count: 1, cpuSeconds: 0.02, ageSeconds: 0 });
  });

  it('does small pieces together in a turn', () => {
    const { expiry, done } = table(...Array.from({ length: 12 }, () => ({ cost: 0.25 })));
    expiry.step();
    expect(done).toHaveLength(4);
  });

  it('goes on without a rest with what makes packets slower meanwhile, and rests for it afterwards', () => {
    const moves = Array.from({ length: 30 }, () => ({ cost: 1, kind: 'urgent' as const }));
    const { expiry, done, now } = table(...moves, { cost: 1 }, { cost: 1 });
    for (let call = 0; call < 30; call++) expect(expiry.step()).toBe(0);
    expect([done.length, now()]).toEqual([30, 30]);
    expect(expiry.step()).toBe(31 * 50);
  });

  it('goes by what a turn costs, not by how long a busy machine takes for it, but rests as long at least', () => {
    const { expiry } = table({ cost: 1, lasting: 40 }, { cost: 1, lasting: 400 }, { cost: 1 });
    expect(expiry.step()).toBe(50);
    const busy = table({ cost: 1, lasting: 400 }, { cost: 1 });
    expect(busy.expiry.step()).toBe(400);
  });

  it('is hastened to its next sweep, and not disturbed in one', () => {
    const { expiry, sweeps, wait } = table({ cost: 1 }, { cost: 1 });
    const rest = expiry.step();
    expiry.hasten();
    expect(expiry.step()).toBe(rest);
    let left = 0;
    do {
      wait(left);
      left = expiry.step();
    } while (expiry.sweeps().count === 0);
    expect(expiry.step()).toBeGreaterThan(0);
    expect(sweeps()).toBe(1);
    expiry.hasten();
    expiry.step();
    expect(sweeps()).toBe(2);
  });

  it('begins anew a second after a failure', () => {
    const { expiry, sweeps, wait, fail } = table({ cost: 1 });
    fail(new Error('no'));
    expect(() => expiry.step()).toThrow('no');
    expect(expiry.step()).toBe(1000);
    fail(undefined);
    wait(1000);
    expiry.step();
    expect(sweeps()).toBe(1);
  });
});

describe('a listing', () => {
  it('waits for a sweep, so that it shows no connection that is over', async () => {
    const { expiry, sweeps, wait } = table({ cost: 0.1 });
    expiry.step();
    for (let listing = 0; listing < 3; listing++) {
      wait(1);
      await expiry.beforeListing();
    }
    expect(sweeps()).toBe(4);
  });

  it('waits for the end of a sweep that is under way, and for one more, without a rest', async () => {
    const { expiry, done, now } = table(...large);
    expiry.step();
    await expiry.beforeListing();
    expect(done.filter((sweep) => sweep === 2)).toHaveLength(20);
    expect([done.length, now()]).toEqual([40, 40]);
  });

  it('lets others have their turns meanwhile', async () => {
    const { expiry, done } = table(...large);
    const seen: number[] = [];
    let isWaiting = true;
    const look = (): void => {
      seen.push(done.length);
      if (isWaiting) setImmediate(look);
    };
    setImmediate(look);
    await expiry.beforeListing();
    isWaiting = false;
    expect(new Set(seen).size).toBeGreaterThan(10);
  });

  it('shares its turns with those that come meanwhile, and its sweep with those that came before it', async () => {
    const { expiry, sweeps, done } = table(...large);
    const first = [expiry.beforeListing(), expiry.beforeListing()];
    await new Promise(setImmediate);
    const second = [expiry.beforeListing(), expiry.beforeListing()];
    await Promise.all(first);
    await Promise.all(second);
    expect([sweeps(), done.length]).toEqual([2, 40]);
  });

  it('uses a sweep again that ended less long ago than it took', async () => {
    const { expiry, sweeps, wait } = table({ cost: 300 });
    await expiry.beforeListing();
    wait(299);
    await expiry.beforeListing();
    expect(sweeps()).toBe(1);
    wait(1);
    await expiry.beforeListing();
    expect(sweeps()).toBe(2);
  });

  it('does not wait for the sweep of a table that takes more than a second', async () => {
    const { expiry, sweeps, wait } = table({ cost: 1001 });
    expiry.step();
    wait(100_000);
    expiry.step();
    await expiry.beforeListing();
    expect(sweeps()).toBe(1);
  });

  it('fails where its sweep fails, and the next one sweeps again', async () => {
    const { expiry, fail } = table({ cost: 1 });
    fail(new Error('no'));
    await expect(expiry.beforeListing()).rejects.toThrow('no');
    fail(undefined);
    await expiry.beforeListing();
    expect(expiry.sweeps().count).toBe(2);
  });
});

describe('sweeping', () => {
  it('goes on after a failure, tells of it once, and ends when it is told to', async () => {
    const stopping = new AbortController();
    const said: string[] = [];
    let calls = 0;
    const step = (): number => {
      if (++calls === 5) stopping.abort();
      return 0;
    };
    await keepSweeping({ step }, { warning: (message) => said.push(message) }, stopping.signal);
    expect([calls, said]).toEqual([5, []]);
    const failing = new AbortController();
    const fail = (): number => {
      failing.abort();
      throw new Error('no');
    };
    await keepSweeping({ step: fail }, { warning: (message) => said.push(message) }, failing.signal);
    expect(said).toEqual(['no']);
  });
});
