import { describe, expect, it } from 'vitest';
import { createExpiry } from './expiry.ts';

/** A table whose sweep costs so many milliseconds, and lasts as long unless the machine is busy with other things. */
function table(cost: number, lasting = cost) {
  let time = 0;
  let work = 0;
  let sweeps = 0;
  const expiry = createExpiry(
    {
      sweep: () => {
        sweeps++;
        work += cost;
        time += lasting;
      },
    },
    { now: () => time, worked: () => work },
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

  it('sweeps before each listing, so that it shows no connection that is over', () => {
    const { expiry, sweeps, wait } = table(1);
    expiry.tick();
    for (let listing = 0; listing < 3; listing++) {
      wait(1);
      expiry.beforeListing();
    }
    expect(sweeps()).toBe(4);
  });

  it('goes by what a sweep costs, not by how long a busy machine takes for it', () => {
    const { expiry, sweeps, wait } = table(1, 5000);
    expiry.tick();
    wait(1);
    expiry.beforeListing();
    expect(sweeps()).toBe(2);
    wait(1000);
    expiry.tick();
    expect(sweeps()).toBe(3);
  });

  it('uses a sweep again for a listing that follows sooner than the sweep took', () => {
    const { expiry, sweeps, wait } = table(300);
    expiry.beforeListing();
    wait(299);
    expiry.beforeListing();
    expect(sweeps()).toBe(1);
    wait(1);
    expiry.beforeListing();
    expect(sweeps()).toBe(2);
  });

  it('lets no listing wait for the sweep of a table that takes more than a second', () => {
    const { expiry, sweeps, wait } = table(1001);
    expiry.tick();
    wait(10_000);
    expiry.beforeListing();
    expect(sweeps()).toBe(1);
  });
});
