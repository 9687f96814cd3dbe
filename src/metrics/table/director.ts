/** The director as a whole: what it stands on, what it holds, and what it did not forward. */

import { each, labelText, type Metric, single } from '../metric.ts';
import type { TableFigures } from '../snapshot.ts';

const group = 'director';

/** A figure of the connection table without labels. */
function ofTable(name: string, unit: string, help: string, value: (table: TableFigures) => number): Metric {
  return { name, type: 'gauge', group, unit, help, labels: [], samples: single(({ table }) => value(table)) };
}

export const directorMetrics: readonly Metric[] = [
  {
    name: 'fairlead_services',
    type: 'gauge',
    group,
    unit: 'services',
    help: 'Virtual services.',
    labels: [],
    samples: single(({ services }) => services),
  },
  {
    name: 'fairlead_mark_rules',
    type: 'gauge',
    group,
    unit: 'rules',
    help: 'Rules of firewall marks.',
    labels: [],
    samples: single(({ markRules }) => markRules),
  },
  {
    name: 'fairlead_interface_hook',
    type: 'gauge',
    group,
    unit: 'bool',
    help: 'Whether the director stands on this interface with this hook (tc, xdp).',
    labels: ['interface', 'hook'],
    samples: function* ({ interfaces }) {
      for (const { name, hooks } of interfaces) {
        for (const hook of ['tc', 'xdp'] as const)
          yield { value: hooks.includes(hook) ? 1 : 0, labels: labelText({ interface: name, hook }) };
      }
    },
  },
  {
    name: 'fairlead_packets_not_forwarded_total',
    type: 'counter',
    group,
    unit: 'packets',
    help: 'Packets that came for a service and were not forwarded as they should have been, by reason (docs/not-forwarded.md).',
    labels: ['reason'],
    samples: each(
      ({ notForwarded }) => Object.entries(notForwarded),
      ([reason, packets]) => ({ value: packets, labels: labelText({ reason }) }),
    ),
  },
  ofTable(
    'fairlead_connections',
    'connections',
    'Connections in the table, with those that have expired since the last sweep.',
    ({ count }) => count,
  ),
  ofTable(
    'fairlead_connections_limit',
    'connections',
    'Connections that the table holds at most; beyond it new ones are forwarded without an entry.',
    ({ limit }) => limit,
  ),
  ofTable(
    'fairlead_half_open_connections',
    'connections',
    'Connections whose handshake has not come to its end.',
    ({ halfOpen }) => halfOpen,
  ),
  ofTable(
    'fairlead_half_open_connections_limit',
    'connections',
    'Half-open connections that the table holds at most.',
    ({ halfOpenLimit }) => halfOpenLimit,
  ),
  ofTable(
    'fairlead_connections_stateless',
    'bool',
    'Whether connections were forwarded without an entry within the last minute, for want of room.',
    ({ stateless }) => (stateless ? 1 : 0),
  ),
  ofTable(
    'fairlead_connections_outside',
    'connections',
    'Connections that lie beside their table, where looking one up takes longer.',
    ({ outside }) => outside,
  ),
  {
    name: 'fairlead_connection_table_entries',
    type: 'gauge',
    group,
    unit: 'entries',
    help: 'Entries that the table of this family (4, 6) has room for now; it grows and shrinks by itself.',
    labels: ['family'],
    samples: ({ table }) =>
      ([4, 6] as const).map((family) => ({
        value: table.room[family],
        labels: labelText({ family: String(family) }),
      })),
  },
  ofTable(
    'fairlead_persistence_templates',
    'templates',
    'Persistence templates: clients that are bound to a real server.',
    ({ templates }) => templates,
  ),
];
