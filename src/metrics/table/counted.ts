/** What is counted of a service and of a real server alike, as `ipvsadm --stats` has it. */

import type { Counters } from '../../ipvs/service.ts';
import type { Columns } from '../figures.ts';
import type { Metric, Sample } from '../metric.ts';

/** A row for each counter; `subject` is who has them. */
export function counted(
  prefix: string,
  subject: string,
): readonly (Pick<Metric, 'name' | 'unit' | 'help'> & { readonly value: keyof Counters })[] {
  const zeroed = 'Begins again at 0 with `ipvsadm -Z`.';
  return [
    {
      value: 'connections',
      name: `${prefix}_connections_total`,
      unit: 'connections',
      help: `Connections that ${subject} has had. ${zeroed}`,
    },
    {
      value: 'inPackets',
      name: `${prefix}_incoming_packets_total`,
      unit: 'packets',
      help: `Packets from clients to ${subject}. ${zeroed}`,
    },
    {
      value: 'inBytes',
      name: `${prefix}_incoming_bytes_total`,
      unit: 'bytes',
      help: `Bytes of these packets, by their IP length. ${zeroed}`,
    },
    {
      value: 'outPackets',
      name: `${prefix}_outgoing_packets_total`,
      unit: 'packets',
      help: `Packets from ${subject} to clients that passed the director, which only masquerading has. ${zeroed}`,
    },
    {
      value: 'outBytes',
      name: `${prefix}_outgoing_bytes_total`,
      unit: 'bytes',
      help: `Bytes of these packets, by their IP length. ${zeroed}`,
    },
  ];
}

/** The samples of a column, without those who do not have the value. */
export function* column<V extends string>({ labels, values }: Columns<V>, name: V): Generator<Sample> {
  for (const [at, value] of values[name].entries()) {
    const whose = labels[at];
    if (whose !== undefined && !Number.isNaN(value)) yield { value, labels: whose };
  }
}
