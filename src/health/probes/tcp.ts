/** A connection is accepted; where it is asked for, something is sent, and something must come back. */

import type { Attempt, Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { readUntil } from '../read.ts';

export async function probeTcp(
  { send, expect }: Extract<Probe, { kind: 'tcp' }>,
  attempt: Attempt,
): Promise<Success> {
  if (send === undefined && expect === undefined) return { latencyMs: await attempt.dialer.accepts(attempt) };
  const socket = await attempt.dialer.tcp(attempt);
  if (send !== undefined) socket.write(send);
  if (expect === undefined) return {};
  const pattern = new RegExp(expect, 'u');
  attempt.awaits('what is expected');
  await readUntil(socket, (text) => pattern.test(text) || undefined, `\`${expect}\``);
  return {};
}
