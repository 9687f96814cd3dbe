/** What is sent when connections end (farewell.ts, server-resets.ts). Pure. */

import { randomInt } from 'node:crypto';
import { tcp, tcpFlags } from '../doctor/frames/build.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import type { HeardSegment } from '../linux/tcp-ear.ts';

/** From the virtual address, to the client. */
export function question({ client, virtual }: ConnectionStatus): IpPacket {
  const ends = { from: virtual.address, to: client.address };
  const flags = tcpFlags.syn | tcpFlags.ack;
  const segment = { sourcePort: virtual.port, port: client.port, flags, sequence: randomInt(2 ** 32) };
  return { to: client.address, packet: tcp(ends, segment) };
}

/**
 * What follows from a client's answer: the real server is reset. One that is this host itself, and not translated, has got the
 * answer, and the stack has no reset for the client as long as there is a socket: it gets one with the number that it names.
 * Of one behind a tunnel the entry does not say which kind of tunnel.
 */
export function afterAnswer(connection: ConnectionStatus, answer: HeardSegment): readonly IpPacket[] {
  switch (connection.method) {
    case 'gate':
    case 'masq':
      return [serverReset(connection, answer.sequence)];
    case 'local':
      return [serverReset(connection, answer.next), clientReset(connection, answer.acknowledged)];
    case 'ipip':
      return [];
  }
}

function clientReset({ client, virtual }: ConnectionStatus, sequence: number): IpPacket {
  const ends = { from: virtual.address, to: client.address };
  const segment = { sourcePort: virtual.port, port: client.port, flags: tcpFlags.rst, sequence };
  return { to: client.address, packet: tcp(ends, segment) };
}

/** To the real server's own address, whatever address the packet bears: that is direct routing. */
function serverReset({ client, virtual, destination, method }: ConnectionStatus, sequence: number): IpPacket {
  const target = method === 'masq' ? destination : virtual;
  const ends = { from: client.address, to: target.address };
  const segment = { sourcePort: client.port, port: target.port, flags: tcpFlags.rst, sequence };
  return { to: destination.address, packet: tcp(ends, segment) };
}
