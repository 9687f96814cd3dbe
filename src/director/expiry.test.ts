import { describe, expect, it } from 'vitest';
import { createExpiry } from './expiry.ts';

/** A table whose sweep takes `duration` milliseconds of a clock that only moves when told to. */
function table(duration: number) {
  let time = 0;
  let sweeps = 0;
  const expiry = createExpiry(
    {
      sweep: () => {
        sweeps++;
        time += duration;
      },
    },
    () => time,
  );
  return {
    expiry,
    sweeps: () => sweeps,
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('expiry', () => {
  it('sweeps a small table once a second, however often it is called', () => {
    const { expiry, sweeps, wait } = table(1);
    for (let tick = 0; tick < 20; tick++) {
      expiry.tick();
      wait(500);
    }
    expect(sweeps()).toBe(10);
  });

  it('rests fifty times as long as a sweep of a large table took', () => {
    const { expiry, sweeps, wait } = table(80);
    expiry.tick();
    wait(3999);
    expiry.tick();
    expect(sweeps()).toBe(1);
    wait(1);
    expiry.tick();
    expect(sweeps()).toBe(2);
  });

  it('sweeps before a listing, so that it shows no connection that is over', () => {
    const { expiry, sweeps, wait } = table(1);
    expiry.tick();
    wait(100);
    expiry.beforeListing();
    expect(sweeps()).toBe(2);
  });

  it('does not sweep for each of many listings at once, nor when a sweep takes too long', () => {
    const quick = table(1);
    quick.expiry.beforeListing();
    quick.wait(50);
    quick.expiry.beforeListing();
    expect(quick.sweeps()).toBe(1);
    const slow = table(101);
    slow.expiry.tick();
    slow.wait(1000);
    slow.expiry.beforeListing();
    expect(slow.sweeps()).toBe(1);
  });
});
