/** What a director is told about the health of its services: checks, and what becomes of real servers that fail. */

import type { Destination } from '../ipvs/service.ts';
import type { Check } from './check.ts';

/** Of the weights of real servers: so much, or such a share of all. */
export type Quorum = { readonly kind: 'weight' | 'percent'; readonly value: number };

export const onFailures = ['remove', 'quiesce'] as const;
/** What becomes of a real server whose checks fail: it leaves the table, or keeps its place there with weight 0. */
export type OnFailure = (typeof onFailures)[number];

export const panics = ['sorry', 'all', 'none'] as const;
/** Who serves when there is no quorum: the sorry server, all real servers whatever their checks say, or nobody else. */
export type Panic = (typeof panics)[number];

/** Of one service. Its real servers are those of the table, whoever has put them there. */
export type ServicePlan = {
  /** `tcp:192.0.2.10:80` */
  readonly service: string;
  readonly name?: string;
  /** What each real server must pass, all of it: places in the plan's list of checks. */
  readonly checks: readonly number[];
  /** Of those that have others than the service's, by `10.0.0.11:80`. */
  readonly own: Readonly<Record<string, readonly number[]>>;
  readonly onFailure: OnFailure;
  /** Whether the connections of a real server that fails end at once. Those of UDP do in any case. */
  readonly resetConnections: boolean;
  readonly quorum: Quorum;
  /** The quorum is back at so much weight above it. */
  readonly hysteresis: number;
  readonly panic: Panic;
  readonly sorry?: Destination;
  /** How long a real server that comes up takes to its full share; 0: it has it at once. */
  readonly slowStartMs: number;
};

export type HealthPlan = {
  readonly checks: readonly Check[];
  readonly services: readonly ServicePlan[];
  /** A directory: a file named after a service or a real server takes it out. */
  readonly maintenance?: string;
};

export const noPlan: HealthPlan = { checks: [], services: [] };
