/** Virtual services: `service` is the name that the API has for one, such as `tcp:192.0.2.10:80` or `mark:7`. */

import type { ServiceValue } from '../figures.ts';
import type { Metric } from '../metric.ts';
import { column, counted } from './counted.ts';

const group = 'services';

/** One value of each service, or of each that has one. */
function ofService(
  value: ServiceValue,
  row: Pick<Metric, 'name' | 'unit' | 'help'>,
  type: Metric['type'] = 'gauge',
): Metric {
  return {
    ...row,
    type,
    group,
    labels: ['service'],
    samples: ({ figures }) => column(figures.services, value),
  };
}

function rate(value: ServiceValue, name: string, unit: string, what: string): Metric {
  return ofService(value, {
    name: `fairlead_service_${name}_per_second`,
    unit: `${unit}/s`,
    help: `${what} a second, as \`ipvsadm --rate\` estimates over about eight seconds.`,
  });
}

export const serviceMetrics: readonly Metric[] = [
  {
    name: 'fairlead_service_info',
    type: 'info',
    group,
    unit: 'info',
    help: 'What a service is; always 1. `protocol` is `mark` for a service by firewall mark, which has its mark as `port`.',
    labels: ['service', 'protocol', 'address', 'port', 'scheduler'],
    samples: ({ figures }) => figures.descriptions.map((labels) => ({ value: 1, labels })),
  },
  ofService('servers', {
    name: 'fairlead_service_servers',
    unit: 'servers',
    help: 'Real servers of a service.',
  }),
  ofService('available', {
    name: 'fairlead_service_servers_available',
    unit: 'servers',
    help: 'Real servers that get new connections: their weight is above 0.',
  }),
  ofService('activeConnections', {
    name: 'fairlead_service_active_connections',
    unit: 'connections',
    help: 'Established connections (ActiveConn of `ipvsadm -L`), of all its real servers.',
  }),
  ofService('inactiveConnections', {
    name: 'fairlead_service_inactive_connections',
    unit: 'connections',
    help: 'Connections in any other state (InActConn of `ipvsadm -L`), of all its real servers.',
  }),
  ofService('persistentConnections', {
    name: 'fairlead_service_persistent_connections',
    unit: 'templates',
    help: 'Persistence templates, of all real servers of a service that is persistent.',
  }),
  ...counted('fairlead_service', 'a service').map(({ value, ...row }) => ofService(value, row, 'counter')),
  rate('connectionsPerSecond', 'connections', 'connections', 'New connections'),
  rate('inPacketsPerSecond', 'incoming_packets', 'packets', 'Packets from clients'),
  rate('inBytesPerSecond', 'incoming_bytes', 'bytes', 'Bytes from clients'),
  rate('outPacketsPerSecond', 'outgoing_packets', 'packets', 'Packets to clients'),
  rate('outBytesPerSecond', 'outgoing_bytes', 'bytes', 'Bytes to clients'),
];
