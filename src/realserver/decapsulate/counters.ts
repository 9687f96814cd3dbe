/** What the decapsulator counts (enum fl_decapsulation), by the names that people read. */

import { FlDecapsulation } from '../abi.gen.ts';

type Counter = {
  readonly index: number;
  /** `left`: the packet went to the stack as it came. */
  readonly fate: 'decapsulated' | 'left' | 'dropped';
  readonly meaning: string;
};

export const counters = {
  ipip: {
    index: FlDecapsulation.FL_DECAPSULATED_IPIP,
    fate: 'decapsulated',
    meaning: 'IP in IP',
  },
  gue: {
    index: FlDecapsulation.FL_DECAPSULATED_GUE,
    fate: 'decapsulated',
    meaning: 'GUE over UDP',
  },
  gre: {
    index: FlDecapsulation.FL_DECAPSULATED_GRE,
    fate: 'decapsulated',
    meaning: 'GRE',
  },
  fragment: {
    index: FlDecapsulation.FL_LEFT_FRAGMENT,
    fate: 'left',
    meaning: 'first fragments of tunnel packets, which only a tunnel device can put together',
  },
  options: {
    index: FlDecapsulation.FL_LEFT_OPTIONS,
    fate: 'left',
    meaning: 'GUE with flags, GRE with a key or sequence numbers',
  },
  malformed: {
    index: FlDecapsulation.FL_LEFT_MALFORMED,
    fate: 'left',
    meaning: 'lengths that contradict each other',
  },
  congestion: {
    index: FlDecapsulation.FL_DROPPED_CONGESTION,
    fate: 'dropped',
    meaning: 'marked as congested on the way, inside a packet that cannot say so (RFC 6040)',
  },
  failed: {
    index: FlDecapsulation.FL_DROPPED_FAILED,
    fate: 'dropped',
    meaning: 'the kernel could not shorten the packet',
  },
} as const satisfies Readonly<Record<string, Counter>>;

export type CounterName = keyof typeof counters;
export const counterNames = Object.keys(counters) as readonly CounterName[];
