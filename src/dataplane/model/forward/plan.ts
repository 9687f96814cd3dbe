/** What has been decided about a packet, and the methods carry out. As bpf/lib/forward/plan.h. */

import type { Destination, Method, Route } from '../memory.ts';

export type Target = {
  readonly destination: Destination;
  readonly method: Method;
  /** Where the real server gets it. */
  readonly serverPort: number;
};

export type Plan = Target & {
  readonly route: Route;
  /** False for what is forwarded without one: single packets, and all when the table is full. */
  readonly hasEntry: boolean;
};

export type Via = Extract<Route, { readonly kind: 'via' }>;
