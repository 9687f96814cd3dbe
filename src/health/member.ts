/** A real server of a service that is looked after: who wants what of it, kept apart (docs/design/0009). */

import type { Destination } from '../ipvs/service.ts';

export type Member = {
  /** As it is wanted; its weight is above 0. */
  readonly wanted: Destination;
  /** Not disabled, and not draining. */
  readonly isLet: boolean;
  /** The file that keeps it out for maintenance. */
  readonly restsBy?: string;
  readonly isUp: boolean;
  /** The weight that a check asks for instead of the wanted one. */
  readonly said?: number;
  /** When it came up or went down, in milliseconds since 1970, and why. */
  readonly since: number;
  readonly reason: string;
  /** In the table although it is down: it was put there by hand, or has not answered yet. */
  readonly isKept: boolean;
  /** Whether it was given connections when the service was settled last. */
  readonly isServing: boolean;
  /** When its slow start began, in milliseconds of a monotonic clock. */
  readonly startedAt?: number;
  /** Tenths of its share that were told of. */
  readonly toldTenths?: number;
};

/** Whether people and files let it have connections, whatever its checks say. */
export function mayServe({ isLet, restsBy }: Member): boolean {
  return isLet && restsBy === undefined;
}

export function weightOf({ wanted, said }: Member): number {
  return said ?? wanted.weight;
}
