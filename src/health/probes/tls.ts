/** A TLS handshake, and a certificate that is trusted and valid for long enough, as far as that is asked for. */

import type { Attempt, Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { secured } from '../tls.ts';

export async function probeTls({ tls }: Extract<Probe, { kind: 'tls' }>, attempt: Attempt): Promise<Success> {
  const { daysLeft } = await secured(attempt, await attempt.dialer.tcp(attempt), tls);
  return Number.isNaN(daysLeft) ? {} : { detail: `certificate valid for ${daysLeft} days` };
}
