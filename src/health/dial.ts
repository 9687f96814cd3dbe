/** Connections to a real server, whatever way the target takes. */

import { connect, type Socket } from 'node:net';
import { type Attempt, ProbeFailure } from './attempt.ts';

export type Dialer = {
  /** A TCP connection that stands. It ends with the attempt. */
  tcp(attempt: Attempt, port?: number): Promise<Socket>;
};

export function createDialer(): Dialer {
  return {
    tcp: (attempt, port = attempt.target.rport) => {
      if (port === 0) throw new ProbeFailure('local', 'no port to ask: the check needs `port`');
      attempt.awaits('the connection');
      return new Promise((resolve, reject) => {
        const socket = connect({ host: attempt.target.rip, port, noDelay: true });
        attempt.atEnd(() => socket.destroy());
        socket.once('connect', () => resolve(socket));
        socket.on('error', reject);
      });
    },
  };
}
