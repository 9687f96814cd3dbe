/** Checks hold octets, and JSON has none: there they are `{"octets": "<base64>"}`. */

import { reviveOctets } from './job.ts';

/** The same value as JSON can carry it. */
export function withoutOctets<T>(value: T): T {
  const replace = (_: string, each: unknown): unknown =>
    each instanceof Uint8Array ? { octets: Buffer.from(each).toString('base64') } : each;
  return JSON.parse(JSON.stringify(value, replace)) as T;
}

/** The value that `withoutOctets` was given. */
export function withOctets<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), reviveOctets) as T;
}
