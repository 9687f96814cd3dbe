import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noPlan } from '../health/plan.ts';
import { closedApi } from '../ipvs/listener.ts';
import { destinationKeyText, type ServiceConfiguration, serviceKeyText } from '../ipvs/service.ts';
import type { Running } from './configuration.ts';
import { difference } from './diff.ts';
import { explain, summary } from './explain.ts';
import { exported } from './export.ts';
import { readConfiguration } from './read.ts';
import { renderFile } from './render.ts';
import { anyRunning } from './running.fixture.ts';
import type { Step } from './step.ts';

function configurationOf(text: string) {
  const read = readConfiguration(text);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.configuration;
}

const wantedOf = (running: Running) => configurationOf(renderFile(exported(running)));

/** A director that has made the steps. */
function madeOf(running: Running, steps: readonly Step[]): Running {
  return steps.reduce(made, running);
}

function made(running: Running, step: Step): Running {
  const change = (text: string, how: (service: ServiceConfiguration) => ServiceConfiguration): Running => ({
    ...running,
    services: running.services.map((service) => (serviceKeyText(service) === text ? how(service) : service)),
  });
  switch (step.kind) {
    case 'add-service':
      return { ...running, services: [...running.services, { ...step.service, destinations: [] }] };
    case 'edit-service':
      return change(serviceKeyText(step.after), ({ destinations }) => ({ ...step.after, destinations }));
    case 'remove-service': {
      const text = serviceKeyText(step.service);
      return { ...running, services: running.services.filter((service) => serviceKeyText(service) !== text) };
    }
    case 'add-server':
      return change(serviceKeyText(step.service), (service) => ({
        ...service,
        destinations: [step.server, ...service.destinations],
      }));
    case 'edit-server':
    case 'remove-server': {
      const server = step.kind === 'edit-server' ? step.after : step.server;
      const isIt = (other: typeof server) => destinationKeyText(other) === destinationKeyText(server);
      return change(serviceKeyText(step.service), (service) => ({
        ...service,
        destinations: service.destinations.flatMap((other) =>
          isIt(other) ? (step.kind === 'edit-server' ? [server] : []) : [other],
        ),
      }));
    }
    case 'set-timeouts':
      return { ...running, timeouts: step.after };
    case 'set-sysctls':
      return { ...running, sysctls: { ...running.sysctls, ...step.after } };
    case 'set-api':
      return { ...running, api: step.after };
    case 'set-health':
      return { ...running, health: step.after };
    case 'set-marks':
      return { ...running, marks: step.after };
    case 'add-vip':
      return { ...running, vips: [...running.vips, step.vip] };
    case 'remove-vip':
      return {
        ...running,
        vips: running.vips.filter((vip) => JSON.stringify(vip) !== JSON.stringify(step.vip)),
      };
  }
}

/** Whom a step is about. */
function subject(step: Step): string {
  switch (step.kind) {
    case 'add-service':
    case 'remove-service':
      return serviceKeyText(step.service);
    case 'edit-service':
      return serviceKeyText(step.after);
    case 'add-server':
    case 'remove-server':
      return `${serviceKeyText(step.service)} ${destinationKeyText(step.server)}`;
    case 'edit-server':
      return `${serviceKeyText(step.service)} ${destinationKeyText(step.after)}`;
    case 'add-vip':
    case 'remove-vip':
      return JSON.stringify(step.vip);
    default:
      return step.kind;
  }
}

/** Whole files take their time. */
const few = { numRuns: 30 };

describe('the difference', () => {
  it('makes a director what is asked for, whatever it was', () => {
    fc.assert(
      fc.property(anyRunning, anyRunning, (running, other) => {
        const wanted = wantedOf(other);
        expect(difference(madeOf(running, difference(running, wanted)), wanted)).toEqual([]);
      }),
      few,
    );
  });

  it('changes nobody twice: nothing is taken away to be added again', () => {
    fc.assert(
      fc.property(anyRunning, anyRunning, (running, other) => {
        const mixed = { ...other, services: [...other.services, ...running.services.slice(0, 2)] };
        const keys = mixed.services.map(serviceKeyText);
        fc.pre(new Set(keys).size === keys.length);
        const subjects = difference(running, wantedOf(mixed)).map(subject);
        expect(new Set(subjects).size).toBe(subjects.length);
        const kept = running.services.slice(0, 2).map(serviceKeyText);
        expect(
          subjects.filter((text) => kept.some((key) => text.startsWith(`${key} `) || text === key)),
        ).toEqual([]);
      }),
      few,
    );
  });

  const running = (): Running => {
    const empty: Running = {
      ...{ services: [], vips: [], marks: [], timeouts: { tcp: 900, tcpFin: 120, udp: 300 } },
      sysctls: {} as Running['sysctls'],
      api: closedApi,
      health: noPlan,
    };
    const wanted = configurationOf(`
services:
  - tcp: 192.0.2.10:80
    scheduler: wrr
    servers: [{address: 10.0.0.11, weight: 5}, {address: 10.0.0.12, weight: 5}]
  - mark: 7
    servers: [10.0.0.11]
`);
    return madeOf(empty, difference(empty, wanted));
  };

  it('leaves a weight alone that the file does not name, and sets one that it names', () => {
    const wanted = configurationOf(`
services:
  - tcp: 192.0.2.10:80
    scheduler: wrr
    servers: [10.0.0.11, {address: 10.0.0.12, weight: 0}, 10.0.0.13]
  - mark: 7
    servers: [{address: 10.0.0.11, upper_threshold: 100}]
`);
    const steps = difference(running(), wanted);
    expect(explain(steps, String)).toEqual([
      '  tcp 192.0.2.10:80',
      '~   10.0.0.12:80  weight 5 -> 0',
      '+   10.0.0.13:80  gate, weight 1',
      '  mark 7',
      '~   10.0.0.11:0  upper threshold 100 (new)',
    ]);
    expect(summary(steps)).toBe('1 real server to add, 2 real servers to change');
  });

  it('has nothing to do with what the file is silent about', () => {
    expect(difference(running(), configurationOf('sysctls: {}'))).toEqual([]);
    expect(difference(running(), configurationOf(''))).toEqual([]);
    expect(difference(running(), configurationOf('services: []')).map(({ kind }) => kind)).toEqual([
      'remove-service',
      'remove-service',
    ]);
  });

  it('is told with what was and what will be', () => {
    const wanted = configurationOf(`
vips: {eth0: [192.0.2.10]}
timeouts: {tcp: 10m}
sysctls: {conn_reuse_mode: 3}
marks: [{mark: 7, destination: 192.0.2.7}]
services:
  - tcp: 192.0.2.10:80
    scheduler: sh
    flags: [sh-port]
    persistence: {timeout: 5m, netmask: 24}
    servers: [10.0.0.11, {address: 10.0.0.12, method: ipip, tunnel: {type: gue, port: 6080}}]
  - {udp: "[2001:db8::53]:53", one_packet: true}
`);
    const before = { ...running(), sysctls: { ...running().sysctls, conn_reuse_mode: 1 } };
    expect(explain(difference(before, wanted), ({ value }) => String(value))).toEqual([
      '  tcp 192.0.2.10:80',
      '~   scheduler wrr -> sh, flags sh-port (new), persistence 5m (new), netmask 255.255.255.0 (new)',
      '~   10.0.0.12:80  gate -> ipip, gue 6080 nocsum (new)',
      '+ udp [2001:db8::53]:53  scheduler wlc, one packet',
      '- mark 7  with 1 real server',
      '~ timeout tcp 15m -> 10m',
      '~ sysctl conn_reuse_mode 1 -> 3',
      '+ mark 7',
      '+ vip 192.0.2.10/32 on eth0',
    ]);
  });

  it('is told by what it is: checks, or what a service has without any', () => {
    const wanted = configurationOf(`
services:
  - {name: web, tcp: "192.0.2.10:80", scheduler: wrr, checks: [{tcp: {}}],
     servers: [{address: 10.0.0.11, weight: 5}, {address: 10.0.0.12, weight: 5}]}
  - {name: marked, mark: 7, servers: [10.0.0.11]}
`);
    const steps = difference(running(), wanted);
    expect(explain(steps, String)).toEqual([
      '+ health checks of tcp 192.0.2.10:80',
      '+ name, sorry server and slow start of mark 7',
    ]);
    expect(summary(steps)).toBe('health checks to set');
    const onlyNamed = configurationOf('services: [{name: marked, mark: 7}]');
    expect(summary(difference(running(), onlyNamed))).toBe(
      '1 service to remove, 1 real server to remove, names to set',
    );
    const named = madeOf(running(), steps);
    expect(named.health.services.map(({ service, name }) => [service, name])).toEqual([
      ['tcp:192.0.2.10:80', 'web'],
      ['mark:7', 'marked'],
    ]);
  });
});
