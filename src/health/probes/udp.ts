/** A datagram is not refused by an ICMP error; where it is asked for, one comes back. */

import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { excerpt } from '../read.ts';

/** An ICMP error takes a round trip. Who has heard none for so long, in milliseconds, hears none. */
const silence = 500;

export async function probeUdp(
  { send, expect }: Extract<Probe, { kind: 'udp' }>,
  attempt: Attempt,
): Promise<Success> {
  const socket = await attempt.dialer.udp(attempt);
  attempt.awaits('a datagram');
  if (!expect) attempt.acceptsSilence();
  return await new Promise<Success>((resolve, reject) => {
    socket.on('error', reject); // ECONNREFUSED among them: the socket is connected
    socket.once('message', (octets) => {
      const text = octets.toString('latin1');
      if (expect?.kind !== 'pattern' || new RegExp(expect.pattern, 'u').test(text)) resolve({});
      else reject(new ProbeFailure('mismatch', `\`${expect.pattern}\` is not in ${excerpt(text)}`));
    });
    socket.send(send);
    if (expect) return;
    const patience = setTimeout(() => resolve({ detail: 'no answer, and no refusal' }), silence);
    attempt.atEnd(() => clearTimeout(patience));
  });
}
