import { describe, expect, it } from 'vitest';
import type { HealthSummary, ServerHealth } from '../../api/health.ts';
import type { DirectorStatus, ServiceSummary } from '../../api/status.ts';
import type { Address } from '../../ipvs/address.ts';
import type { AddressClaim } from '../../ipvs/claim.ts';
import { renderStatus } from '../status.ts';
import { shortNumber } from './numbers.ts';
import { noHealth, warningsOf } from './warnings.ts';

const status: DirectorStatus = {
  configuration: '"x"',
  ...{ version: '1.2.3', pid: 4, namespace: 5, services: 6, markRules: 7 },
  object: 'ab12',
  isSupervised: false,
  interfaces: [{ index: 2, name: 'eth0', mode: 'tc', hooks: ['tc'] }],
  sysctls: {},
  connections: { count: 7, limit: 9, halfOpen: 1, halfOpenLimit: 2, stateless: false },
  notForwarded: { no_server: { packets: 0, perSecond: 0 } },
  claims: [],
};
const well = { status, services: [], neighbours: [], health: noHealth };
const noon = Date.parse('2026-01-01T12:00:00Z');

const claim: AddressClaim = {
  ...{ vip: '192.0.2.1' as Address, mac: '02:00:00:00:00:01', interface: 'eth0', kinds: ['question'] },
  ...{ count: 4, firstSecondsAgo: 90, lastSecondsAgo: 5 },
};

function summary(service: string, connectionsPerSecond: number, available = 2): ServiceSummary {
  const rates = {
    inPacketsPerSecond: 1200,
    outPacketsPerSecond: 34,
    inBytesPerSecond: 5e6,
    outBytesPerSecond: 1e6,
  };
  return {
    ...{ service, scheduler: 'wlc', servers: 2, available, persistentConnections: 0 },
    ...{ activeConnections: 12, inactiveConnections: 3456, rates: { ...rates, connectionsPerSecond } },
    counters: { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 },
  };
}

describe('fairlead status', () => {
  it('is a few lines where all is well', () => {
    expect(renderStatus(well, noon).split('\n')).toEqual([
      'Fairlead 1.2.3, director of network namespace 5, process 4',
      'Interfaces',
      '  eth0            tc      forced: tc',
      'Services 6, mark rules 7',
      'Connections 7 of at most 9, half-open 1 of at most 2',
      'Not forwarded: nothing',
      '',
    ]);
  });

  it('has the busiest services first, and real servers that nobody answers for', () => {
    const services = [summary('tcp:192.0.2.10:80', 3), summary('mark:7', 250)];
    const neighbours = [
      { address: '10.0.0.2', interface: 'eth0', state: 'reachable' },
      { address: '10.0.0.3', interface: 'eth0', state: 'failed' },
    ] as const;
    expect(renderStatus({ ...well, services, neighbours }, noon).split('\n')).toEqual([
      'Fairlead 1.2.3, director of network namespace 5, process 4',
      'Warnings',
      '  ! nobody answers for real server 10.0.0.3 on eth0',
      'Interfaces',
      '  eth0            tc      forced: tc',
      'Services 6, mark rules 7',
      '  SERVICE            SCHEDULER  SERVERS  ACTIVE  INACTIVE  CONN/S  PACKETS/S  BYTES/S',
      '  mark:7             wlc            2/2      12      3.5k     250       1.2k     6.0M',
      '  tcp:192.0.2.10:80  wlc            2/2      12      3.5k       3       1.2k     6.0M',
      'Real servers as neighbours: 1 of 2 known; 10.0.0.3 on eth0 failed',
      'Connections 7 of at most 9, half-open 1 of at most 2',
      'Not forwarded: nothing',
      '',
    ]);
  });

  it('has twenty services at most', () => {
    const services = Array.from({ length: 25 }, (_, at) => summary(`mark:${at + 1}`, at));
    const text = renderStatus({ ...well, services }, noon);
    expect(text.match(/^ {2}mark:/gm)).toHaveLength(20);
    expect(text).toContain('  and 5 more (fairlead top)\n');
  });

  it('says what is out of the ordinary', () => {
    const said = {
      sysctls: { drop_entry: 2 },
      notForwarded: { table_full: { packets: 3, perSecond: 0 } },
      claims: [claim],
    };
    const text = renderStatus({ ...well, status: { ...status, ...said } }, noon);
    expect(text).toContain('not at their default: drop_entry=2\n');
    expect(text).toContain('  table_full         3\n');
    expect(text).toContain(
      '  192.0.2.1 by 02:00:00:00:00:01 on eth0: question; 4 in all, the last 5 s ago\n',
    );
  });
});

describe('health in the status', () => {
  const server = (text: string, more: Partial<ServerHealth> = {}): ServerHealth => ({
    ...{ server: text, state: 'down', since: '2026-01-01T11:57:00Z', reason: 'new', wanted: 1, checks: [] },
    ...more,
  });
  const service = 'tcp:192.0.2.10:80';
  const lines = (more: Partial<HealthSummary>): readonly string[] =>
    renderStatus({ ...well, health: { ...noHealth, jobs: 1, ...more } }, noon)
      .split('\n')
      .slice(1, -3);

  it('is a line where all real servers serve', () => {
    expect(lines({ servers: 2, serving: 2 })).toContain('Health: 2 of 2 real servers serve');
  });

  it('says which real server is out, since when and why', () => {
    const down = server('10.0.0.12:80', { reason: 'web: refused: nobody listens' });
    const drained = server('10.0.0.9:53', { state: 'disabled', wanted: 0 });
    const out = [
      { service, name: 'web', server: down },
      { service: 'mark:7', server: drained },
    ];
    expect(lines({ servers: 3, serving: 1, out }).slice(-3)).toEqual([
      'Health: 1 of 3 real servers serve (fairlead health)',
      '  web     10.0.0.12:80  down      3m  web: refused: nobody listens',
      '  mark:7  10.0.0.9:53   disabled  3m  weight 0 is wanted',
    ]);
  });

  it('says of how many more that are out it is silent', () => {
    const out = [{ service, server: server('10.0.0.20:80') }];
    expect(lines({ servers: 9, serving: 3, out }).slice(-2)).toEqual([
      '  tcp:192.0.2.10:80  10.0.0.20:80  down  3m  new',
      '  and 5 more',
    ]);
  });

  it('warns of checks that say nothing, with one of them', () => {
    const blindOne = { service, server: '10.0.0.11:80', problem: 'this host cannot ask' };
    expect(lines({ blind: 1, blindOne })).toContain(
      '  ! a check is blind: 10.0.0.11:80 of tcp:192.0.2.10:80: this host cannot ask',
    );
    expect(lines({ blind: 2, blindOne })).toContain(
      '  ! 2 checks are blind; 10.0.0.11:80 of tcp:192.0.2.10:80: this host cannot ask',
    );
  });

  it('warns of services without their quorum', () => {
    const down = { service, hasQuorum: false, weight: 0, needed: 2, isSorry: true };
    const said = lines({ withoutQuorum: 3, quorumless: [down] });
    expect(said).toContain(
      '  ! tcp:192.0.2.10:80 has no quorum: weight 0 is up, 2 is needed, the sorry server serves (fairlead health)',
    );
    expect(said).toContain('  ! 2 more services have no quorum');
  });
});

describe('a warning', () => {
  const warnings = (more: Partial<DirectorStatus>) => warningsOf({ ...well, status: { ...status, ...more } });
  const connections = status.connections;

  it('is there for nothing that is well', () => {
    expect(warningsOf({ ...well, services: [summary('mark:7', 1)] })).toEqual([]);
  });

  it('is there for what keeps the director from its work', () => {
    expect(warnings({ interfaces: [] })).toEqual(['the director stands on no interface']);
    expect(warnings({ connections: { ...connections, stateless: true } })[0]).toMatch(/without an entry$/);
    expect(warnings({ connections: { ...connections, count: 8 } })[0]).toMatch(/nearly full: 8 of 9$/);
    expect(warnings({ connections: { ...connections, halfOpen: 2 } })[0]).toMatch(/: 2 of 2$/);
    expect(warnings({ notForwarded: { no_server: { packets: 9, perSecond: 2 } } })).toEqual([
      'no_server: 2 packets a second (fairlead drops)',
    ]);
  });

  it('is there for a rival for an address, as long as it is fresh', () => {
    expect(warnings({ claims: [claim] })).toEqual([
      '02:00:00:00:00:01 claims 192.0.2.1 on eth0 (fairlead doctor)',
    ]);
    expect(warnings({ claims: [{ ...claim, lastSecondsAgo: 301 }] })).toEqual([]);
  });

  it('is there for a service that can serve nobody', () => {
    const services = [
      { ...summary('mark:1', 0, 0), servers: 0 },
      { ...summary('mark:2', 0, 0), servers: 1 },
      summary('mark:3', 0, 0),
    ];
    expect(warningsOf({ ...well, services })).toEqual([
      'mark:1 has no real server',
      'mark:2: its real server has weight 0',
      'mark:3: all 2 real servers have weight 0',
    ]);
  });
});

describe('a number in few columns', () => {
  it('has three figures at most', () => {
    const numbers = [0, 7, 999, 999.6, 1000, 9949, 9951, 34_567, 999_499, 999_500, 5_600_000, 7.8e9, 1.5e15];
    expect(numbers.map(shortNumber)).toEqual([
      '0',
      '7',
      '999',
      '1.0k',
      '1.0k',
      '9.9k',
      '10k',
      '35k',
      '999k',
      '1.0M',
      '5.6M',
      '7.8G',
      '1.5P',
    ]);
  });
});
