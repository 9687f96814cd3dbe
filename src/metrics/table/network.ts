/** The segment: real servers as neighbours, and others that claim a virtual address. */

import { isResolved } from '../../ipvs/neighbour.ts';
import { each, labelText, type Metric } from '../metric.ts';

const group = 'network';

export const networkMetrics: readonly Metric[] = [
  {
    name: 'fairlead_server_neighbour_resolved',
    type: 'gauge',
    group,
    unit: 'bool',
    help: 'Whether the kernel knows the MAC of this real server (1), or nobody answers for it (0). One that has not been asked for, or is behind a gateway, is not there.',
    labels: ['address', 'interface'],
    samples: each(
      ({ neighbours }) => neighbours,
      ({ address, interface: name, state }) => ({
        value: isResolved(state) ? 1 : 0,
        labels: labelText({ address, interface: name }),
      }),
    ),
  },
  {
    name: 'fairlead_vip_claims_total',
    type: 'counter',
    group,
    unit: 'packets',
    help: 'ARP and neighbour discovery packets in which another host claimed a virtual address that this host holds; the last 256 hosts.',
    labels: ['vip', 'mac', 'interface'],
    samples: each(
      ({ claims }) => claims,
      ({ vip, mac, interface: name, count }) => ({
        value: count,
        labels: labelText({ vip, mac, interface: name }),
      }),
    ),
  },
];
