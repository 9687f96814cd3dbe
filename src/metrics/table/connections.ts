/** Connections one by one: to count them, all are looked at. */

import { each, labelText, type Metric } from '../metric.ts';

export const connectionMetrics: readonly Metric[] = [
  {
    name: 'fairlead_connections_by_state',
    type: 'gauge',
    group: 'connections',
    unit: 'connections',
    help: 'Connections by protocol and state (those of `ipvsadm -Lc`), templates not among them. A state without connections is not there.',
    labels: ['protocol', 'state'],
    samples: each(
      ({ states }) => states,
      ({ protocol, state, count }) => ({ value: count, labels: labelText({ protocol, state }) }),
    ),
  },
];
