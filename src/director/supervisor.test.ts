import { describe, expect, it } from 'vitest';
import { createSupervisor, givenSocket } from './supervisor.ts';

const pid = 42;

/** A supervisor of a process with this environment, what it was told, and a clock in milliseconds. */
function supervised(environment: Readonly<Record<string, string>>) {
  const told: string[] = [];
  const clock = { now: 1000 };
  const send = (path: string, text: string): void => {
    told.push(`${path}: ${text.replace('\n', ' ')}`);
  };
  return { told, clock, ...createSupervisor({ environment, pid, now: () => clock.now, send }) };
}

describe('the supervisor of a daemon', () => {
  it('is told of its states, and a reload with the time that it began', () => {
    const { told, clock, ...supervisor } = supervised({ NOTIFY_SOCKET: '@notify' });
    supervisor.ready();
    clock.now = 1500.25;
    supervisor.reloading();
    supervisor.stopping();
    expect(told).toEqual([
      '@notify: READY=1',
      '@notify: RELOADING=1 MONOTONIC_USEC=1500250',
      '@notify: STOPPING=1',
    ]);
  });

  it('hears a sentence once, in one line', () => {
    const { told, status } = supervised({ NOTIFY_SOCKET: '/run/n' });
    for (const sentence of ['a', 'a', 'b\nc', 'a']) status(sentence);
    expect(told).toEqual(['/run/n: STATUS=a', '/run/n: STATUS=b c', '/run/n: STATUS=a']);
  });

  it('hears that it lives three times in each interval of its watchdog', () => {
    const { told, clock, alive } = supervised({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '3000000' });
    for (let tick = 0; tick < 12; tick++) {
      clock.now += 500;
      alive();
    }
    expect(told).toEqual(Array.from({ length: 6 }, () => '/run/n: WATCHDOG=1'));
  });

  it('has no watchdog for another process, and hears nothing where nobody listens', () => {
    const another = supervised({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '43' });
    another.alive();
    expect(another.told).toEqual([]);
    const nobody = supervised({});
    nobody.ready();
    expect(nobody).toMatchObject({ told: [], isThere: false });
  });
});

it('a socket is given to the process that it is meant for alone', () => {
  expect(givenSocket({ LISTEN_PID: '42', LISTEN_FDS: '1' }, pid)).toBe(3);
  expect(givenSocket({ LISTEN_PID: '43', LISTEN_FDS: '1' }, pid)).toBeUndefined();
  expect(givenSocket({ LISTEN_PID: '42' }, pid)).toBeUndefined();
  expect(givenSocket({}, pid)).toBeUndefined();
});
