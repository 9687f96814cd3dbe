/** An ICMP echo comes back (RFC 792, RFC 4443). */

import type { Attempt, Success } from '../attempt.ts';
import type { Probe } from '../check.ts';

export async function probePing(
  { bytes }: Extract<Probe, { kind: 'ping' }>,
  attempt: Attempt,
): Promise<Success> {
  attempt.awaits('the echo');
  await attempt.dialer.ping(attempt, bytes);
  return {};
}
