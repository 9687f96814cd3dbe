/** For this room's tests: the health of a daemon with a clock that is set, notes that are kept, and answers that are given. */

import { json } from '../../api/answer-pieces.ts';
import type { EventBody } from '../../api/events.ts';
import type { ServiceHealthStatus } from '../../api/health.ts';
import type { SingleCheck } from '../../health/check.ts';
import type { Job } from '../../health/job.ts';
import type { ServicePlan } from '../../health/plan.ts';
import type { Address, Port } from '../../ipvs/address.ts';
import {
  type Destination,
  destinationKeyText,
  parseServiceKeyText,
  serviceKeyText,
} from '../../ipvs/service.ts';
import { createDirector } from '../director.ts';
import { createEvents } from '../events.ts';
import { createTestPlane, stoppedClocks } from '../model-plane.fixture.ts';
import { createHealth, type Health } from './health.ts';
import { createMaintenance } from './maintenance.ts';
import { type Memory, type Remembered, recordsOf } from './memory.ts';

export const [web, dns] = ['tcp:192.0.2.10:80', 'udp:192.0.2.10:53'] as const;

export const check: SingleCheck = {
  ...{ name: 'web', probe: { kind: 'tcp' }, via: 'rip', intervalMs: 1000, timeoutMs: 500 },
  ...{ rise: 2, fall: 3, jitter: 0, start: 'up' },
};

export function planOf(service: string, part: Partial<ServicePlan> = {}): ServicePlan {
  return {
    ...{ service, checks: [0], own: {}, onFailure: 'remove', resetConnections: false, hysteresis: 0 },
    ...{ quorum: { kind: 'weight', value: 1 }, panic: 'none', slowStartMs: 0 },
    ...part,
  };
}

export function server(address: string, weight = 1): Destination {
  const rest = { method: 'masq', upperThreshold: 0, lowerThreshold: 0 } as const;
  return { address: address as Address, port: 80 as Port, weight, ...rest };
}

export function key(text: string) {
  const found = parseServiceKeyText(text);
  if (!found) throw new Error(text);
  return found;
}

/** A daemon's health with everything that happens to it, on a data plane that outlives it. */
export function createDaemon(plane = createTestPlane(), remembered?: Remembered, begins = 0) {
  const heard: EventBody[] = [];
  const events = createEvents(() => 0);
  events.subscribe(({ id: _, at: __, ...event }) => heard.push(event));
  let jobs: readonly Job[] = [];
  let kept: Remembered = remembered ?? { plan: { checks: [], services: [] }, services: {} };
  let isForgotten = false;
  const memory: Memory = {
    read: () => kept,
    announce: () => {
      if (notes.areBroken) throw new Error('no space');
    },
    write: (plan, posts, now) => {
      if (notes.areBroken) throw new Error('no space');
      kept = { plan, services: structuredClone(recordsOf(posts, now)) };
    },
    forget: () => {
      isForgotten = true;
    },
  };
  /** `ahead`: of the clock on the wall, which somebody may set. */
  const clock = { now: begins, ahead: 0 };
  const notes = { areBroken: false };
  const log: string[] = [];
  /** Of the directory of maintenance. */
  const files = { read: (_: string): Promise<readonly string[]> => Promise.resolve([]) };
  const director = createDirector(plane, stoppedClocks);
  const maintenance = createMaintenance({
    read: (directory) => files.read(directory),
    patience: () => Promise.resolve(),
    log: (line) => log.push(line),
  });
  const health: Health = createHealth(
    {
      ...{
        plane,
        director,
        events,
        memory,
        maintenance,
        farewell: plane.evict,
        log: (line) => log.push(line),
      },
      clocks: { now: () => clock.now, date: () => clock.now + clock.ahead },
      ask: (wanted) => {
        jobs = wanted;
      },
    },
    remembered === undefined,
  );
  const hear = (address: string, isOk: boolean, times: number): void => {
    for (const job of jobs.filter(({ target }) => target.rip === address))
      for (let time = 0; time < times; time++)
        health.take(
          job.id,
          isOk ? { ok: true, latencyMs: 1 } : { ok: false, reason: 'refused', detail: 'nobody' },
        );
  };
  const answer = (address: string, isOk: boolean, times: number): void => {
    hear(address, isOk, times);
    health.settle();
  };
  return {
    ...{ plane, health, clock, heard, answer, notes, log, files },
    /** Each says often enough what it says, and all is acted on at once. */
    answerTogether(answers: Readonly<Record<string, boolean>>): void {
      for (const [address, isOk] of Object.entries(answers)) hear(address, isOk, 3);
      health.settle();
    },
    jobs: () => jobs,
    /** What `GET /v1/health` says. */
    services: (): readonly ServiceHealthStatus[] => JSON.parse([...json(health.status())].join('')).services,
    memory: () => kept,
    isForgotten: () => isForgotten,
    addService(text: string, scheduler = 'wlc') {
      const settings = { scheduler, flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false };
      health.wishes.addService({ ...key(text), ...settings });
    },
    /** `10.0.0.11=1 10.0.0.12=0`, the oldest first. */
    table(text: string = web): string {
      const { destinations = [] } = plane.service(key(text)) ?? {};
      return destinations
        .toReversed()
        .map(({ address, weight }) => `${address.slice(7)}=${weight}`)
        .join(' ');
    },
    wanted(text: string = web): string {
      const found = [...health.wanted()].find((service) => serviceKeyText(service) === text);
      return (found?.destinations ?? [])
        .map((each) => `${destinationKeyText(each).slice(7, -3)}=${each.weight}`)
        .sort()
        .join(' ');
    },
  };
}

export type Daemon = ReturnType<typeof createDaemon>;

export function withWeb(
  part: Partial<ServicePlan> = {},
  weights: readonly number[] = [1, 2],
  plane = createTestPlane(),
): Daemon {
  const daemon = createDaemon(plane);
  daemon.health.transaction(9, () => {
    daemon.health.replacePlan({ checks: [check], services: [planOf(web, part)] });
    daemon.addService(web);
    for (const [index, weight] of weights.entries())
      daemon.health.wishes.addDestination(key(web), server(`10.0.0.${index + 11}`, weight));
  });
  daemon.heard.length = 0;
  return daemon;
}
