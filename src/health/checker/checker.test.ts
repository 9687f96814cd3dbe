import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import { currentNamespace } from '../../linux/namespace.ts';
import type { Job } from '../job.ts';
import { createChecker, type Process } from './checker.ts';
import { decodeOrder } from './protocol.ts';

const { execPath } = process;
const target = {
  rip: '10.0.0.11' as Address,
  rport: 80 as Port,
  via: 'rip',
  vport: 0 as Port,
  protocol: 'tcp',
} as const;
const job: Job = { id: 'a', probe: { kind: 'tcp' }, target, intervalMs: 1000, timeoutMs: 500, jitter: 0 };

/** Checkers that the kernel holds: they say nothing, and do not go when they are killed, until `release`. */
function held() {
  const log: string[] = [];
  const signals: string[] = [];
  /** What it is told, a line each. */
  const told: string[] = [];
  let running = new EventEmitter();
  const launch = (): Process => {
    running = new EventEmitter();
    const stdin = { on: () => undefined, end: () => undefined, write: (line: string) => told.push(line) > 0 };
    return Object.assign(running, {
      ...{ stdin, stdout: new PassThrough(), exitCode: null, signalCode: null },
      kill: (signal: string) => signals.push(signal) > 0,
    }) as unknown as Process;
  };
  const checker = createChecker({
    ...{ namespace: 1, report: () => undefined, log: (line: string) => log.push(line), launch },
  });
  return { checker, log, signals, told, release: () => running.emit('close', null, 'SIGKILL') };
}

describe('a checker', () => {
  it('is told of many jobs in portions, and of what ends in its place among them', async () => {
    const { checker, told } = held();
    const jobs = Array.from({ length: 2500 }, (_, number) => ({ ...job, id: String(number) }));
    checker.want(jobs);
    expect(told.length).toBe(1);
    checker.want(jobs.slice(1));
    while (told.length < 4) await new Promise((resolve) => setImmediate(resolve));
    const orders = told.map((line) => decodeOrder(line));
    expect(orders.flatMap(({ begin }) => begin.map(({ id }) => id))).toEqual(jobs.map(({ id }) => id));
    expect(orders.map(({ begin, end }) => [begin.length, end])).toEqual([
      [1000, []],
      [1000, []],
      [500, []],
      [0, ['0']],
    ]);
  });

  afterEach(() => {
    process.execPath = execPath;
    vi.useRealTimers();
  });

  it('that cannot be started is said, and takes nobody with it', async () => {
    const said: string[] = [];
    const log = (line: string): number => said.push(line);
    const checker = createChecker({ namespace: currentNamespace(), report: () => undefined, log });
    process.execPath = 'node\0'; // spawn() throws then, as where the kernel has no memory for it
    checker.want([job]);
    await checker.close();
    expect(said).toEqual([expect.stringMatching(/^checker: it cannot be started, and is tried again: /)]);
  });

  it('that the kernel holds is killed once and said once, and again when that is over', () => {
    vi.useFakeTimers();
    const { checker, log, signals, release } = held();
    checker.want([job]);
    vi.advanceTimersByTime(600_000);
    expect([log, signals]).toEqual([
      ['checker: it has said nothing for 15 seconds, and is killed'],
      ['SIGKILL'],
    ]);
    release();
    expect(log.slice(1)).toEqual(['checker: it ended with SIGKILL; it is started again']);
    vi.advanceTimersByTime(600_000);
    expect(signals).toHaveLength(2);
  });

  it('that the kernel holds does not hold the daemon', async () => {
    vi.useFakeTimers();
    const { checker, log } = held();
    checker.want([job]);
    const closed = checker.close();
    await vi.advanceTimersByTimeAsync(4_000);
    await closed;
    expect(log).toEqual(['checker: it is killed, and the kernel holds it']);
  });
});
