import { describe, expect, it } from 'vitest';
import { goldenNames } from '../../test/golden/subset.ts';
import type { Address, Port } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import { noConnections, noCounters, noRates } from './fake-director.ts';
import { namedLabels, numericLabel } from './labels.ts';
import { connectionHeader, labelsOfConnections, renderConnection } from './render-connections.ts';
import { renderServices, type ServiceTableStyle } from './render-services.ts';

const at = (address: string, port: number) => ({ address: address as Address, port: port as Port });

function server(address: string, part: Partial<DestinationStatus> = {}): DestinationStatus {
  const settings = { method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
  return { ...at(address, 80), ...settings, ...noConnections, counters: noCounters, rates: noRates, ...part };
}

const service: ServiceStatus = {
  kind: 'address',
  protocol: 'tcp',
  ...at('172.25.138.100', 80),
  ...{ scheduler: 'rr', flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false },
  counters: { connections: 20, inPackets: 120, outPackets: 0, inBytes: 123_456_789, outBytes: 0 },
  rates: {
    connectionsPerSecond: 3,
    inPacketsPerSecond: 18,
    outPacketsPerSecond: 0,
    inBytesPerSecond: 2_000_000_000,
    outBytesPerSecond: 0,
  },
  destinations: [
    server('172.25.138.3', { weight: 2147483647, activeConnections: 7, inactiveConnections: 13 }),
    server('172.25.138.2'),
  ],
};

const style: ServiceTableStyle = {
  view: 'default',
  exact: false,
  sort: true,
  single: false,
  label: numericLabel,
};

const lines = (part: Partial<ServiceTableStyle>) =>
  renderServices([service], { ...style, ...part }).split('\n');

describe('the service table', () => {
  it('shows real servers with their weights and connections, however wide', () => {
    expect(lines({})).toEqual([
      'IP Virtual Server version 1.2.1 (size=4096)',
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
      'TCP  172.25.138.100:80 rr',
      '  -> 172.25.138.2:80              Route   1      0          0         ',
      '  -> 172.25.138.3:80              Route   2147483647 7          13        ',
      '',
    ]);
  });

  it('names no version for a single service', () => {
    expect(lines({ single: true })[0]).toBe('Prot LocalAddress:Port Scheduler Flags');
  });

  it('keeps the order of scheduling if it is not to sort', () => {
    expect(lines({ sort: false })[4]).toContain('172.25.138.3:80');
  });

  it('shows counters', () => {
    expect(lines({ view: 'stats' }).slice(1, 5)).toEqual([
      'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
      '  -> RemoteAddress:Port',
      'TCP  172.25.138.100:80                  20      120        0  123456K        0',
      '  -> 172.25.138.2:80                     0        0        0        0        0',
    ]);
  });

  it('shows counters in full', () => {
    expect(lines({ view: 'stats', exact: true })[3]).toBe(
      'TCP  172.25.138.100:80                  20      120        0 123456789        0',
    );
  });

  it('shows rates', () => {
    expect(lines({ view: 'rate' }).slice(1, 5)).toEqual([
      'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS',
      '  -> RemoteAddress:Port',
      'TCP  172.25.138.100:80                   3       18        0    2000M        0',
      '  -> 172.25.138.2:80                     0        0        0        0        0',
    ]);
  });
});

describe('the connection table', () => {
  const connection: ConnectionStatus = {
    template: false,
    protocol: 'tcp',
    family: 4,
    method: 'gate',
    state: 'SYN_RECV',
    expiresInSeconds: 57,
    client: at('10.0.0.100', 45630),
    virtual: at('10.0.0.10', 81),
    destination: at('10.0.0.13', 81),
  };

  it.each<[string, Partial<ConnectionStatus>]>([
    ['TCP 00:57  SYN_RECV    10.0.0.100:45630   10.0.0.10:81       10.0.0.13:81\n', {}],
    [
      'TCP 14:58  ESTABLISHED 10.0.0.100:45630   10.0.0.10:81       10.0.0.13:81\n',
      { state: 'ESTABLISHED', expiresInSeconds: 898 },
    ],
    [
      'UDP 04:59  UDP         10.0.0.100:45630   10.0.0.10:81       10.0.0.13:81\n',
      { protocol: 'udp', state: 'UDP', expiresInSeconds: 299 },
    ],
    [
      'TCP 00:57  SYN_RECV    255.255.255.255:65535 10.0.0.10:81       10.0.0.13:81\n',
      { client: at('255.255.255.255', 65535) },
    ],
    [
      'SCTP 00:57  ESTABLISHED [fd00::64]:45630   [fd00::10]:81      [fd00::b]:81\n',
      {
        ...{ protocol: 'sctp', state: 'ESTABLISHED', family: 6 },
        ...{ client: at('fd00::64', 45630), virtual: at('fd00::10', 81), destination: at('fd00::b', 81) },
      },
    ],
    [
      'IP  00:57  ASSURED     10.0.0.100:0       0.0.0.9:0          10.0.0.13:0\n',
      {
        ...{ template: true, protocol: 'ip', state: 'ASSURED' },
        ...{ client: at('10.0.0.100', 0), virtual: at('0.0.0.9', 0), destination: at('10.0.0.13', 0) },
      },
    ],
  ])('has the row %j', (row, part) => {
    expect(renderConnection({ ...connection, ...part }, numericLabel, false)).toBe(row);
  });

  it('cuts a name at 59 characters', async () => {
    const long = { ...goldenNames(''), hostOfAddress: () => Promise.resolve('x'.repeat(70)) };
    const label = await namedLabels(labelsOfConnections([connection]), long);
    const row = renderConnection(connection, label, false);
    expect(row).toBe(`TCP 00:57  SYN_RECV    ${Array(3).fill('x'.repeat(59)).join(' ')}\n`);
  });

  it('names no port of a template by mark', async () => {
    const template: ConnectionStatus = { ...connection, template: true, protocol: 'ip' };
    const label = await namedLabels(labelsOfConnections([template]), goldenNames(''));
    expect(renderConnection(template, label, false)).toContain('10.0.0.10:81 ');
  });

  it('shows what the persistence engine keeps where it is asked for', () => {
    const call = { ...connection, engine: { name: 'sip', data: 'a84b4c76@pc33.example.org' } } as const;
    const row = renderConnection(call, numericLabel, true);
    expect(row).toBe(
      'TCP 00:57  SYN_RECV    10.0.0.100:45630   10.0.0.10:81       10.0.0.13:81     sip                a84b4c76@pc33.example.org\n',
    );
    expect(renderConnection(call, numericLabel, false)).not.toContain('sip');
    expect(connectionHeader(true)).toMatch(/destination {8}pe name {10}pe_data\n$/);
  });

  it('has a heading that stands over its columns', () => {
    const [, heading = ''] = connectionHeader(false).split('\n');
    const row = renderConnection(connection, numericLabel, false);
    expect(heading.indexOf('source')).toBe(row.indexOf('10.0.0.100'));
    expect(heading.indexOf('destination')).toBe(row.indexOf('10.0.0.13'));
  });
});
