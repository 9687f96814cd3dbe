/** What the isolating programs count (enum fl_isolation), by the names that people read. */

import { FlIsolation } from '../abi.gen.ts';

export const counters = {
  questions: {
    index: FlIsolation.FL_ISOLATED_QUESTION,
    meaning: 'dropped: asked for, or told of, by others',
  },
  senders: { index: FlIsolation.FL_ISOLATED_SENDER, meaning: 'sent with an address of our own instead' },
  announcements: {
    index: FlIsolation.FL_ISOLATED_ANNOUNCEMENT,
    meaning: 'not sent: the interface has no address of our own',
  },
} as const;

export type CounterName = keyof typeof counters;
export const counterNames = Object.keys(counters) as readonly CounterName[];
