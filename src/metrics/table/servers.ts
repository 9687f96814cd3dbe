/** Real servers, each within its service: `server` is address and port, such as `10.0.0.11:80`. */

import type { ServerValue } from '../figures.ts';
import type { Metric } from '../metric.ts';
import { column, counted } from './counted.ts';

/** One value of each real server, or of each that has one. */
function ofServer(
  value: ServerValue,
  row: Pick<Metric, 'name' | 'unit' | 'help'>,
  type: Metric['type'] = 'gauge',
): Metric {
  return {
    ...row,
    type,
    group: 'servers',
    labels: ['service', 'server'],
    samples: ({ figures }) => column(figures.servers, value),
  };
}

export const serverMetrics: readonly Metric[] = [
  ofServer('weight', {
    name: 'fairlead_server_weight',
    unit: 'weight',
    help: 'Weight of a real server; 0: it gets no new connections.',
  }),
  ofServer('activeConnections', {
    name: 'fairlead_server_active_connections',
    unit: 'connections',
    help: 'Established connections (ActiveConn of `ipvsadm -L`).',
  }),
  ofServer('inactiveConnections', {
    name: 'fairlead_server_inactive_connections',
    unit: 'connections',
    help: 'Connections in any other state (InActConn of `ipvsadm -L`).',
  }),
  ofServer('persistentConnections', {
    name: 'fairlead_server_persistent_connections',
    unit: 'templates',
    help: 'Persistence templates, where the service is persistent.',
  }),
  ...counted('fairlead_server', 'a real server').map(({ value, ...row }) => ofServer(value, row, 'counter')),
];
