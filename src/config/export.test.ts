import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { closedApi } from '../ipvs/listener.ts';
import { initialSysctls } from '../ipvs/sysctl.ts';
import type { Configuration, Running } from './configuration.ts';
import { difference } from './diff.ts';
import { exported } from './export.ts';
import { healthPlanOf } from './plan.ts';
import { readConfiguration } from './read.ts';
import { renderFile } from './render.ts';
import { anyRunning } from './running.fixture.ts';
import { file } from './schema/file.ts';

function configurationOf(text: string): Configuration {
  const read = readConfiguration(text);
  if ('problems' in read) throw new Error(`${JSON.stringify(read.problems)}\n${text}`);
  return read.configuration;
}

/** A director that has just been made so. */
function runningOf(wanted: Configuration): Running {
  return {
    ...{ vips: [], marks: [], timeouts: { tcp: 900, tcpFin: 120, udp: 300 }, sysctls: initialSysctls },
    ...{ api: closedApi, health: healthPlanOf(wanted) },
    services: (wanted.services ?? []).toReversed().map(({ servers, ...service }) => ({
      ...service,
      destinations: servers.toReversed().map((server) => ({ ...server, weight: server.weight ?? 1 })),
    })),
  };
}

/** Whole files take their time. */
const few = { numRuns: 30 };

describe('what runs, exported', () => {
  it('asks for nothing but what runs', () => {
    fc.assert(
      fc.property(anyRunning, (running) => {
        const text = renderFile(exported(running));
        const read = readConfiguration(text);
        if ('problems' in read) throw new Error(`${JSON.stringify(read.problems)}\n${text}`);
        expect(difference(running, read.configuration)).toEqual([]);
      }),
      few,
    );
  });

  it('makes the same on a director that has nothing: real servers in the same order', () => {
    fc.assert(
      fc.property(anyRunning, (running) => {
        const read = readConfiguration(renderFile(exported(running)));
        if ('problems' in read) throw new Error(JSON.stringify(read.problems));
        const wanted = read.configuration.services?.map(({ servers }) =>
          servers.toReversed().map(({ address, port }) => ({ address, port })),
        );
        expect(wanted).toMatchObject(
          running.services.map(({ destinations }) =>
            destinations.map(({ address, port }) => ({ address, port })),
          ),
        );
      }),
      few,
    );
  });

  it('has the checks, and all that goes with them, of the file that was applied', () => {
    const text = `
maintenance: /etc/fairlead/maintenance
checks:
  web: {https: {path: /healthz, host: www.example.org, sni: other, status: [200, 300-399], body: ok, verify: true}}
  any: {any: [web, octets]}
  octets: {udp: {send_hex: 00ff, reply: true}, interval: 1500ms, timeout: 250ms, fall: 1, jitter: 0%, start: down}
services:
  - {tcp: "192.0.2.10:80", checks: [any, {tcp: {send: a}}], quorum: 50%, hysteresis: 2, sorry_server: 10.0.0.99,
     servers: [10.0.0.11, {address: 10.0.0.12, weight: 3, checks: [web, {tcp: {send: b}}]}, {address: 10.0.0.13, checks: []}]}
  - name: dns
    udp: "[2001:db8::10]:53"
    method: ipip
    checks: [{dns: {name: example.org, type: A, expect: 192.0.2.1}}, {ping: }, {grpc: {tls: true}}, {tcp: {send: a}}]
    on_failure: quiesce
    panic: all
    reset_connections: true
    slow_start: 30s
    servers: ["fd00::11"]
  - {mark: 7, checks: [{command: {run: [/bin/true, "{rip}"], weighs: true}}, {file: {path: /x, down: absent}},
     {smtp: {tls: starttls}, port: 25}, {tls: {days_left: 7}, port: 443}], servers: [10.0.0.11]}
  - {tcp: "192.0.2.10:81", servers: [10.0.0.11]}
`;
    const wanted = configurationOf(text);
    const running = runningOf(wanted);
    const exportedText = renderFile(exported(running));
    expect(difference(running, configurationOf(exportedText)), exportedText).toEqual([]);
  });

  it('has a name once: services that one entry stood for stand in one entry again, as long as they are alike', () => {
    const wanted = configurationOf(`
services:
  - {name: web, tcp: ["192.0.2.10:80", "[2001:db8::10]:443"], mark: 7, checks: [{tcp: , port: 80}],
     method: ipip, servers: [10.0.0.11, {address: 10.0.0.12, weight: 3}]}
  - {name: other, udp: ["192.0.2.10:53", 192.0.2.11:53], checks: [{ping: }], servers: [10.0.0.11]}
`);
    const running = runningOf(wanted);
    const text = renderFile(exported(running));
    expect(text).toContain('name: web\n    tcp: ["[2001:db8::10]:443", 192.0.2.10:80]\n    mark: 7\n');
    expect(difference(running, configurationOf(text)), text).toEqual([]);

    const [first, ...others] = running.services;
    const destinations = first?.destinations.map((each) => ({ ...each, weight: 9 })) ?? [];
    const changed = { ...running, services: [...(first ? [{ ...first, destinations }] : []), ...others] };
    const again = configurationOf(renderFile(exported(changed)));
    expect(difference(changed, again).map(({ kind }) => kind)).toEqual(['set-health']);
    expect(again.services?.map(({ name }) => name)).toEqual(['other', undefined, 'web', 'web', 'web']);
  });

  it('fits the schema', () => {
    fc.assert(
      fc.property(anyRunning, (running) => Value.Check(file, exported(running))),
      few,
    );
  });
});
