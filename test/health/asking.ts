/** One probe of a server of this process, on the loopback interface. */

import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Probe } from '../../src/health/check.ts';
import { createDialer } from '../../src/health/dial.ts';
import { createLooks } from '../../src/health/looks.ts';
import type { Outcome } from '../../src/health/outcome.ts';
import { createProber } from '../../src/health/probe.ts';
import { createRoots } from '../../src/health/tls.ts';
import type { Address } from '../../src/ipvs/address.ts';

const notHere = (): never => {
  throw new Error('nothing is routed directly here');
};
const direct = { open: notHere, take: notHere, release: notHere, close: () => undefined };

/** The outcome, or the one that its expiry after so many milliseconds makes of it. */
export async function ask(probe: Probe, port: number, limitMs = 5000): Promise<Outcome> {
  const looks = createLooks(8);
  const prober = createProber({ dialer: createDialer(direct), roots: createRoots(looks), looks });
  const { outcome, expire } = prober(probe, {
    ...{ vip: '192.0.2.100' as Address, vport: 80, rip: '127.0.0.1' as Address, rport: port },
    ...{ protocol: 'tcp', via: 'rip' },
  });
  const timer = setTimeout(expire, limitMs);
  return await outcome.finally(() => clearTimeout(timer));
}

/** Starts a server that ends with the test; answers its port. */
export async function listen(server: Pick<Server, 'listen' | 'close' | 'address' | 'once'>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A server that does this with each connection; connections end with the test. */
export async function serve(talk: (socket: Socket) => void): Promise<number> {
  const open = new Set<Socket>();
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  return await listen(server);
}
