import { describe, expect, it } from 'vitest';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import { gatherFigures } from './figures.ts';
import type { Snapshot } from './snapshot.ts';
import { serverMetrics } from './table/servers.ts';
import { serviceMetrics } from './table/services.ts';
import { metricsText } from './text.ts';

const counters = { connections: 5, inPackets: 40, outPackets: 30, inBytes: 4000, outBytes: 9000 };
const rates = {
  connectionsPerSecond: 1,
  inPacketsPerSecond: 2,
  outPacketsPerSecond: 3,
  inBytesPerSecond: 4,
  outBytesPerSecond: 5,
};
const server = (address: string, more: Partial<DestinationStatus>): DestinationStatus =>
  ({
    ...{
      address,
      port: 80,
      method: 'gate',
      weight: 1,
      upperThreshold: 0,
      lowerThreshold: 0,
      counters,
      rates,
    },
    ...{ activeConnections: 3, inactiveConnections: 2, persistentConnections: 1, ...more },
  }) as DestinationStatus;
const service = (more: object): ServiceStatus =>
  ({
    scheduler: 'wlc',
    flags: [],
    persistent: 0,
    netmask: 0,
    onePacket: false,
    counters,
    rates,
    ...more,
  }) as unknown as ServiceStatus;

const { figures, add } = gatherFigures();
add(
  service({
    ...{ kind: 'address', protocol: 'tcp', address: 'fd00::100', port: 80 },
    destinations: [server('fd00::2', {}), server('fd00::3', { weight: 0 })],
  }),
);
add(
  service({
    kind: 'mark',
    mark: 7,
    family: 4,
    persistent: 300,
    destinations: [server('10.0.0.2', { method: 'masq' })],
  }),
);
const text = [
  ...metricsText([...serviceMetrics, ...serverMetrics], { figures } as unknown as Snapshot, 'prometheus'),
].join('');
const linesOf = (name: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => line.slice(name.length));

describe('figures of services and real servers', () => {
  it('bear the names that the API has for them', () => {
    expect(linesOf('fairlead_server_weight')).toEqual([
      '{service="tcp:[fd00::100]:80",server="[fd00::2]:80"} 1',
      '{service="tcp:[fd00::100]:80",server="[fd00::3]:80"} 0',
      '{service="mark:7",server="10.0.0.2:80"} 1',
    ]);
    expect(linesOf('fairlead_service_info')).toEqual([
      '{service="tcp:[fd00::100]:80",protocol="tcp",address="fd00::100",port="80",scheduler="wlc"} 1',
      '{service="mark:7",protocol="mark",address="",port="7",scheduler="wlc"} 1',
    ]);
  });

  it('are sums of the real servers where a service has none of its own', () => {
    expect(linesOf('fairlead_service_active_connections')).toEqual([
      '{service="tcp:[fd00::100]:80"} 6',
      '{service="mark:7"} 3',
    ]);
    expect(linesOf('fairlead_service_servers')).toEqual([
      '{service="tcp:[fd00::100]:80"} 2',
      '{service="mark:7"} 1',
    ]);
    expect(linesOf('fairlead_service_servers_available')).toEqual([
      '{service="tcp:[fd00::100]:80"} 1',
      '{service="mark:7"} 1',
    ]);
  });

  it('say nothing of answers that pass the director by, nor of templates without persistence', () => {
    expect(linesOf('fairlead_service_outgoing_bytes_total')).toEqual(['{service="mark:7"} 9000']);
    expect(linesOf('fairlead_service_outgoing_packets_per_second')).toEqual(['{service="mark:7"} 3']);
    expect(linesOf('fairlead_server_outgoing_packets_total')).toEqual([
      '{service="mark:7",server="10.0.0.2:80"} 30',
    ]);
    expect(linesOf('fairlead_service_persistent_connections')).toEqual(['{service="mark:7"} 1']);
    expect(linesOf('fairlead_server_persistent_connections')).toEqual([
      '{service="mark:7",server="10.0.0.2:80"} 1',
    ]);
  });
});
