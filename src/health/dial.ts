/** Connections to a real server, whatever way the target takes. */

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { type Address, familyOf } from '../ipvs/address.ts';
import { type Connector, createConnector, type Ends as SocketEnds } from '../linux/connector.ts';
import { SystemCallError } from '../linux/errno.ts';
import { type Attempt, codeOf, ProbeFailure } from './attempt.ts';
import { FlCheckLimit } from './direct/abi.gen.ts';
import type { FlowProtocol } from './direct/flows.ts';
import type { DirectPath } from './direct/path.ts';
import { createSources } from './direct/source.ts';
import { createEchoes } from './echo.ts';

export type Dialer = {
  /** The milliseconds it took until a TCP connection stood; it is closed again. */
  accepts(attempt: Attempt): Promise<number>;
  /** A TCP connection that stands; without a port, to the target's. It ends with the attempt. */
  tcp(attempt: Attempt, port?: number): Promise<Socket>;
  /** A datagram socket that knows its peer, so that it hears of ICMP errors. It ends with the attempt. */
  udp(attempt: Attempt): Promise<DatagramSocket>;
  /** Resolves when an ICMP echo with so many octets is back. */
  ping(attempt: Attempt, bytes: number): Promise<void>;
};

/** Where a socket begins and ends. */
type Ends = {
  readonly host: Address;
  readonly localAddress?: Address;
  /** There exactly where packets are exchanged on their way. */
  readonly localPort?: number;
};

/** A port that another socket has is not the real server's fault. */
const attempts = 8;
const isTaken = (error: unknown): boolean => ['EADDRINUSE', 'EADDRNOTAVAIL'].includes(codeOf(error));

export function createDialer(direct: DirectPath): Dialer {
  const sources = createSources();
  const echoes = createEchoes();
  const connector = createConnector();
  let echo = 0;
  /** Below those of the flows. */
  const nextEcho = (): number => {
    echo = (echo + 1) % FlCheckLimit.FL_CHECK_LIMIT_PORTS;
    return echo;
  };
  const endsOf = async (attempt: Attempt, protocol: FlowProtocol, port: number): Promise<Ends> => {
    const { rip, vip, via } = attempt.target;
    if (via === 'rip') return { host: rip };
    if (vip === undefined)
      throw new ProbeFailure('local', 'a firewall mark has no virtual address to ask: `via: rip`');
    if (familyOf(vip) !== familyOf(rip))
      throw new ProbeFailure('local', `no packet to ${vip} can be routed directly by ${rip}: \`via: rip\``);
    const source = await sources.of(rip, vip);
    if (source === 'local') return { host: vip };
    const flow = direct.take({ protocol, rip, vip, port });
    attempt.atEnd(() => direct.release(flow));
    return {
      ...{ host: rip, localPort: flow.localPort },
      ...(source.address !== undefined && { localAddress: source.address }),
    };
  };
  const withFreePort = async <T>(dial: () => Promise<T>): Promise<T> => {
    for (let left = attempts; ; left--) {
      try {
        return await dial();
      } catch (error) {
        if (left === 1 || !isTaken(error)) throw error;
      }
    }
  };
  return {
    accepts: (attempt) =>
      withFreePort(async () => {
        const port = attempt.target.rport;
        refusePort0(port);
        attempt.awaits('the connection');
        return await accepted(connector, attempt, { ...(await endsOf(attempt, 'tcp', port)), port });
      }),
    tcp: (attempt, port = attempt.target.rport) =>
      withFreePort(async () => {
        refusePort0(port);
        attempt.awaits('the connection');
        return await connected(attempt, await endsOf(attempt, 'tcp', port), port);
      }),
    udp: (attempt) =>
      withFreePort(async () => {
        const port = attempt.target.rport;
        refusePort0(port);
        return await bound(attempt, await endsOf(attempt, 'udp', port), port);
      }),
    ping: async (attempt, bytes) => {
      const { host, localPort, localAddress } = await endsOf(attempt, 'icmp', 0);
      const id = localPort ?? nextEcho();
      attempt.atEnd(() => echoes.forget(id));
      await echoes.ask({ to: host, id, bytes, ...(localAddress !== undefined && { source: localAddress }) });
    },
  };
}

function refusePort0(port: number): void {
  if (port === 0) throw new ProbeFailure('local', 'the service is for every port: the check needs `port`');
}

function accepted(connector: Connector, attempt: Attempt, ends: SocketEnds): Promise<number> {
  return new Promise((resolve, reject) => {
    const giveUp = connector.connect(ends, (error, milliseconds) => {
      if (error === 0) resolve(milliseconds);
      else reject(new SystemCallError('connect', error));
    });
    attempt.atEnd(giveUp);
  });
}

function connected(attempt: Attempt, { host, localAddress, localPort }: Ends, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const own = { ...(localAddress !== undefined && { localAddress }), ...(localPort && { localPort }) };
    const socket = connect({ host, port, noDelay: true, ...own });
    attempt.atEnd(() => {
      // The port is soon another probe's: no state of this one may be left behind.
      if (localPort === undefined || socket.connecting || socket.destroyed) socket.destroy();
      else socket.resetAndDestroy();
    });
    socket.once('connect', () => resolve(socket));
    socket.on('error', reject);
  });
}

function bound(
  attempt: Attempt,
  { host, localAddress, localPort }: Ends,
  port: number,
): Promise<DatagramSocket> {
  const socket = createSocket(familyOf(host) === 6 ? 'udp6' : 'udp4');
  attempt.atEnd(() => socket.close());
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    const own = { ...(localAddress !== undefined && { address: localAddress }) };
    socket.bind({ port: localPort ?? 0, ...own }, () => socket.connect(port, host, () => resolve(socket)));
  });
}
