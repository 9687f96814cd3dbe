import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { Alias } from 'yaml';
import { problemLine } from './problem.ts';
import { readConfiguration } from './read.ts';

const bad = fileURLToPath(new URL('../../test/config/bad/', import.meta.url));
const cases = readdirSync(bad).filter((name) => name.endsWith('.yaml'));

/** What is wrong with a text, a line each. */
function problemsOf(text: string): string {
  const read = readConfiguration(text);
  if (!('problems' in read)) return 'nothing\n';
  return read.problems.map((problem) => `${problemLine('fairlead.yaml', problem)}\n`).join('');
}

describe('a configuration that is wrong', () => {
  it.each(cases)('is told so: %s', async (name) => {
    const said = problemsOf(readFileSync(`${bad}${name}`, 'utf8'));
    await expect(said).toMatchFileSnapshot(`${bad}${name.replace('.yaml', '.txt')}`);
  });

  it('has its own message in each of more than fifty cases, and no message without its golden file', () => {
    const texts = readdirSync(bad).filter((name) => name.endsWith('.txt'));
    expect(texts.map((name) => name.replace('.txt', '.yaml'))).toEqual(cases);
    const said = texts.map((name) => readFileSync(`${bad}${name}`, 'utf8'));
    expect(new Set(said.map((text) => text.replace(/:\d+:\d+:/g, ''))).size).toBe(cases.length);
    expect(said).not.toContain('nothing\n');
    expect(cases.length).toBeGreaterThan(50);
  });
});

function configurationOf(text: string) {
  const read = readConfiguration(text);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.configuration;
}

describe('a configuration', () => {
  it('that is empty asks for nothing', () => {
    for (const text of ['', '# later\n', '---\n']) expect(configurationOf(text)).toEqual({ checks: [] });
  });

  it('takes one entry for several services, which have the same real servers', () => {
    const { services } = configurationOf(`
services:
  - name: dns
    udp: [192.0.2.53:53, "[2001:db8::53]:53"]
    tcp: 192.0.2.53:53
    method: ipip
    servers: [10.0.0.53]
`);
    const endpoints = services?.map(
      (service) => service.kind === 'address' && [service.protocol, service.address],
    );
    expect(endpoints).toEqual([
      ['tcp', '192.0.2.53'],
      ['udp', '192.0.2.53'],
      ['udp', '2001:db8::53'],
    ]);
    expect(services?.map(({ servers }) => servers)).toMatchObject(
      Array.from({ length: 3 }, () => [{ address: '10.0.0.53', port: 53, method: 'ipip' }]),
    );
  });

  it('gives a real server the port of its service, and one of its own only by masq', () => {
    const { services } = configurationOf(`
services:
  - tcp: 192.0.2.10:80
    servers: [10.0.0.11, {address: 10.0.0.12:8080, method: masq}, 10.0.0.13:80]
  - mark: 7
    servers: [10.0.0.11, 10.0.0.12:8080]
`);
    expect(services?.map(({ servers }) => servers.map(({ port }) => port))).toEqual([
      [80, 8080, 80],
      [0, 8080],
    ]);
  });

  it('says a weight, or leaves it open', () => {
    const { services } = configurationOf(`
services:
  - tcp: 192.0.2.10:80
    servers: [10.0.0.11, {address: 10.0.0.12}, {address: 10.0.0.13, weight: 0}]
`);
    expect(services?.[0]?.servers.map(({ weight }) => weight)).toEqual([undefined, undefined, 0]);
  });

  it('shares a list by an anchor, as often as there are services', () => {
    const many = Array.from({ length: 500 }, (_, index) => `  - {mark: ${index + 2}, servers: *web}\n`);
    const { services } = configurationOf(
      `services:\n  - {mark: 1, servers: &web [10.0.0.11]}\n${many.join('')}`,
    );
    expect(services?.length).toBe(501);
    expect(services?.at(-1)?.servers).toMatchObject([{ address: '10.0.0.11' }]);
  });

  it('walks over the text once for all aliases, and not once for each', () => {
    const resolve = vi.spyOn(Alias.prototype, 'resolve');
    const { services } = configurationOf(
      'services: [{mark: 1, servers: &web [10.0.0.11]}, {mark: 2, servers: *web}, {mark: 3, servers: *web}]',
    );
    const contexts = resolve.mock.calls.map(([, context]) => context);
    resolve.mockRestore();
    expect(services?.length).toBe(3);
    expect(contexts).toEqual([expect.anything(), expect.anything()]);
  });

  it('takes an anchor that stands again inside of its namesake for the nearer one', () => {
    const { services } = configurationOf(
      'services: &x [{mark: 1, servers: &x [10.0.0.11]}, {mark: 2, servers: *x}]',
    );
    expect(services?.at(-1)?.servers).toMatchObject([{ address: '10.0.0.11' }]);
  });

  it('says times with units, or in seconds', () => {
    const { timeouts, services } = configurationOf(`
timeouts: {tcp: 15m, tcp_fin: 120, udp: 0.5h}
services: [{tcp: 192.0.2.10:80, persistence: 1d}]
`);
    expect(timeouts).toEqual({ tcp: 900, tcpFin: 120, udp: 1800 });
    expect(services?.[0]?.persistent).toBe(86400);
  });

  it('makes of a mark entry a rule for each family and each range of ports', () => {
    const { marks } = configurationOf(`
marks:
  - {mark: 7, destination: 192.0.2.77/24, protocol: tcp, ports: [80, 8000-8999]}
  - {mark: 0x10/0xf0, interface: eth1}
`);
    expect(marks).toMatchObject([
      {
        family: 4,
        value: 7,
        mask: 0xffffffff,
        target: { address: '192.0.2.0' },
        targetPorts: { first: 80, last: 80 },
      },
      { family: 4, targetPorts: { first: 8000, last: 8999 } },
      { family: 4, value: 0x10, mask: 0xf0, interface: 'eth1' },
      { family: 6, value: 0x10, mask: 0xf0, interface: 'eth1' },
    ]);
  });

  it('may ask for a quorum that is out of reach as long as a real server is drained', () => {
    const { services } = configurationOf(`
services:
  - {tcp: "192.0.2.10:80", quorum: 4, servers: [10.0.0.11, {address: 10.0.0.12, weight: 0}]}
`);
    expect(services?.[0]?.health.quorum).toEqual({ kind: 'weight', value: 4 });
  });

  it('names a check once, for many services and real servers', () => {
    const { services, checks } = configurationOf(`
checks:
  web: {https: {path: /healthz, host: www.example.org, days_left: 14}, interval: 2s, timeout: 500ms, fall: 2}
  tcp: {tcp: {}}
  both: {all: [web, tcp]}
services:
  - tcp: 192.0.2.10:443
    checks: [both, {ping: , via: rip}]
    quorum: 50%
    sorry_server: 10.0.0.99
    servers: [10.0.0.11, {address: 10.0.0.12, checks: [tcp]}]
`);
    const [web, tcp, both] = checks;
    expect(web).toMatchObject({
      ...{ name: 'web', intervalMs: 2000, timeoutMs: 500, rise: 2, fall: 2, jitter: 0.1, start: 'up' },
      probe: {
        kind: 'http',
        path: '/healthz',
        tls: { name: 'www.example.org', verify: false, daysLeft: 14 },
      },
    });
    expect(both).toEqual({ name: 'both', combine: 'all', checks: [web, tcp] });
    const [service] = services ?? [];
    expect(service?.health).toMatchObject({
      checks: [both, { probe: { kind: 'ping', bytes: 56 }, via: 'rip' }],
      quorum: { kind: 'percent', value: 50 },
      ...{ panic: 'sorry', sorry: { address: '10.0.0.99', port: 443 }, onFailure: 'remove', hysteresis: 0 },
    });
    expect(service?.servers.map((server) => server.checks)).toEqual([undefined, [tcp]]);
  });
});
