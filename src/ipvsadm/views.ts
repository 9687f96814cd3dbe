/** The columns of each view of the service table; a new view is one more entry. */

import type { DestinationStatus, ForwardingMethod, ServiceStatus } from '../ipvs/service.ts';
import type { ViewName } from './command.ts';
import { flagsText } from './flag-names.ts';
import { largeNumber, left, right, serverName, serviceName } from './format.ts';

export type View = {
  readonly header: readonly [services: string, servers: string];
  /** One row without its newline; `label` is the name as resolved, uncut. */
  service(status: ServiceStatus, label: string, exact: boolean): string;
  destination(status: DestinationStatus, label: string, exact: boolean): string;
};

const methodNames: Readonly<Record<ForwardingMethod, string>> = { gate: 'Route' };

function counterHeader(columns: readonly string[]): View['header'] {
  const titles = columns.map((title) => right(title, 8)).join('');
  return [left('Prot LocalAddress:Port', 33) + titles, '  -> RemoteAddress:Port'];
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
    service: (status, label) =>
      `${serviceName(status.protocol, label)} ${status.scheduler}${flagsText(status.scheduler, status.flags)}`,
    destination: (status, label) =>
      [
        serverName(label),
        left(methodNames[status.method], 7),
        left(status.weight, 6),
        left(status.activeConnections, 10),
        left(status.inactiveConnections, 10),
      ].join(' '),
  },
  stats: {
    header: counterHeader(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']),
    service: (status, label, exact) =>
      left(serviceName(status.protocol, label), 33) + counterColumns(status, exact),
    destination: (status, label, exact) => serverName(label) + counterColumns(status, exact),
  },
  rate: {
    header: counterHeader(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']),
    service: (status, label, exact) =>
      left(serviceName(status.protocol, label), 33) + rateColumns(status, exact),
    destination: (status, label, exact) => serverName(label) + rateColumns(status, exact),
  },
};
