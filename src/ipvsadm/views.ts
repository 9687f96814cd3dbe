/** The columns of each view of the service table; a new view is one more entry. */

import { flagsText } from '../ipvs/flag-names.ts';
import type { DestinationStatus, ForwardingMethod, ServiceStatus } from '../ipvs/service.ts';
import type { ViewName } from './command.ts';
import { largeNumber, left, netmaskText, right, serverName, serviceName, tunnelText } from './format.ts';

export type View = {
  readonly header: readonly [services: string, servers: string];
  /** One row without its newline; `label` is the name as resolved, uncut. */
  service(status: ServiceStatus, label: string, exact: boolean): string;
  destination(status: DestinationStatus, label: string, exact: boolean): string;
};

const methodNames: Readonly<Record<ForwardingMethod, string>> = {
  gate: 'Route',
  ipip: 'Tunnel',
  masq: 'Masq',
};

/** What a service is, behind its name. */
function settingsText(status: ServiceStatus): string {
  const { scheduler, flags, persistent, engine, onePacket } = status;
  const mask = netmaskText(status);
  return [
    ` ${scheduler}`,
    flags.length > 0 ? ` (${flagsText(scheduler, flags)})` : '',
    persistent > 0 ? ` persistent ${persistent}` : '',
    persistent > 0 && mask !== undefined ? ` mask ${mask}` : '',
    persistent > 0 && engine !== undefined ? ` pe ${engine}` : '',
    onePacket ? ' ops' : '',
  ].join('');
}

const serviceWithSettings: View['service'] = (status, label) =>
  serviceName(status, label) + settingsText(status);

/** A server's row of left-aligned columns. */
function serverColumns(
  columns: (status: DestinationStatus) => readonly (readonly [value: string | number, width: number])[],
): View['destination'] {
  return (status, label) =>
    [serverName(status, label), ...columns(status).map(([value, width]) => left(value, width))].join(' ');
}

function counterHeader(columns: readonly string[]): View['header'] {
  const titles = columns.map((title) => right(title, 8)).join('');
  return [left('Prot LocalAddress:Port', 33) + titles, '  -> RemoteAddress:Port'];
}

/** A view of nothing but counters. */
function counterView(
  titles: readonly string[],
  columns: (status: ServiceStatus | DestinationStatus, exact: boolean) => string,
): View {
  return {
    header: counterHeader(titles),
    service: (status, label, exact) => left(serviceName(status, label), 33) + columns(status, exact),
    destination: (status, label, exact) => serverName(status, label) + columns(status, exact),
  };
}

function counterColumns({ counters }: ServiceStatus | DestinationStatus, exact: boolean): string {
  const { connections, inPackets, outPackets, inBytes, outBytes } = counters;
  return [connections, inPackets, outPackets, inBytes, outBytes]
    .map((value) => largeNumber(value, exact))
    .join('');
}

function rateColumns({ rates }: ServiceStatus | DestinationStatus, exact: boolean): string {
  const packets = [rates.connectionsPerSecond, rates.inPacketsPerSecond, rates.outPacketsPerSecond];
  const bytes = [rates.inBytesPerSecond, rates.outBytesPerSecond];
  return [
    ...packets.map((value) => right(value, 8)),
    ...bytes.map((value) => largeNumber(value, exact)),
  ].join('');
}

export const views: Readonly<Record<ViewName, View>> = {
  default: {
    header: [
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    ],
    service: serviceWithSettings,
    destination: serverColumns((status) => [
      [methodNames[status.method], 7],
      [status.weight, 6],
      [status.activeConnections, 10],
      [status.inactiveConnections, 10],
    ]),
  },
  stats: counterView(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes'], counterColumns),
  rate: counterView(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS'], rateColumns),
  thresholds: {
    header: [
      'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ',
      '  -> RemoteAddress:Port',
    ],
    service: serviceWithSettings,
    destination: serverColumns((status) => [
      [status.upperThreshold, 10],
      [status.lowerThreshold, 10],
      [status.activeConnections, 10],
      [status.inactiveConnections, 10],
    ]),
  },
  persistent: {
    header: [
      'Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ',
      '  -> RemoteAddress:Port',
    ],
    service: serviceWithSettings,
    destination: serverColumns((status) => [
      [status.weight, 9],
      [status.persistentConnections, 11],
      [status.activeConnections, 10],
      [status.inactiveConnections, 10],
    ]),
  },
  tunnels: {
    header: [
      'Prot LocalAddress:Port Scheduler Flags',
      '  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn',
    ],
    service: serviceWithSettings,
    destination: serverColumns((status) => [
      [methodNames[status.method], 7],
      [tunnelText(status.tunnel), 13],
      [status.weight, 6],
      [status.activeConnections, 10],
      [status.inactiveConnections, 10],
    ]),
  },
};
