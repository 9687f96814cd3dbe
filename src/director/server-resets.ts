/**
 * The real server's end of connections that were ended (farewell.ts). A reset has to have the very number that it expects next
 * (RFC 5961 section 3.2). The client names that number in the acknowledgement by which it answers that it was asked; it comes
 * up this host's stack, where it is read, and the reset goes to the real server in the client's name.
 */

import { tcp, tcpFlags } from '../doctor/frames/build.ts';
import type { Address, Family } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import type { HeardSegment, TcpEar } from '../linux/tcp-ear.ts';

export type ServerResetModules = {
  /** Inside the namespace, as `sendAll`. */
  readonly listen: (family: Family, port: number | undefined) => TcpEar;
  readonly sendAll: (packets: readonly IpPacket[]) => void;
  readonly log: Pick<Logger, 'warning'>;
  readonly pause?: (action: () => void, milliseconds: number) => void;
};

export type Answers = {
  /** Passes on what has come. */
  hear(): void;
  /** Goes on for as long as a client may take, then closes. */
  linger(): void;
  close(): void;
};

/** Of connections of one service, and one real server. Listens already when it returns. */
export type AwaitAnswers = (connections: readonly ConnectionStatus[]) => Answers;

/** An open socket keeps its network namespace: not for long. */
const lingerMilliseconds = 2_000;
const stepMilliseconds = 20;
/** Before others have their turn. */
const portion = 256;

export function createServerResets({
  listen,
  sendAll,
  log,
  pause = setTimeout,
}: ServerResetModules): AwaitAnswers {
  return (connections) => {
    const awaited = new Map(connections.filter(canBeReset).map((each) => [keyOf(heardFrom(each)), each]));
    let ear: TcpEar | undefined;
    const close = (): void => {
      ear?.close();
      ear = undefined;
    };
    const attempt = (action: () => void): void => {
      try {
        action();
      } catch (error) {
        close();
        log.warning(`a real server is not told of connections that have ended: ${messageOf(error)}`);
      }
    };
    /** Whether there may be more already. */
    let isBehind = false;
    const hearSome = (): void => {
      const resets: IpPacket[] = [];
      isBehind = true;
      for (let count = 0; ear && count < portion; count++) {
        const heard = ear.receive();
        if (!heard) {
          isBehind = false;
          break;
        }
        const connection = awaited.get(keyOf(heard));
        if (connection && awaited.delete(keyOf(heard))) resets.push(resetOf(connection, heard.sequence));
      }
      if (resets.length > 0) sendAll(resets);
      if (awaited.size === 0) close();
    };
    const hear = (): void => attempt(hearSome);
    /** So many steps and no more, whatever strangers send. */
    const linger = (steps: number): void => {
      hear();
      if (!ear) return;
      if (steps <= 0) close();
      else pause(() => linger(steps - 1), isBehind ? 0 : stepMilliseconds);
    };
    const [first] = awaited.values();
    if (first) {
      const ports = new Set([...awaited.values()].map(({ virtual }) => virtual.port));
      attempt(() => {
        ear = listen(first.family, ports.size === 1 ? first.virtual.port : undefined);
      });
    }
    const steps = lingerMilliseconds / stepMilliseconds + awaited.size / portion;
    return { hear, linger: () => linger(steps), close };
  };
}

/** One behind a tunnel is not: the entry does not say which kind of tunnel. */
function canBeReset({ method }: ConnectionStatus): boolean {
  return method === 'gate' || method === 'masq';
}

function heardFrom({ client, virtual }: ConnectionStatus): Omit<HeardSegment, 'sequence'> {
  return { from: client.address, sourcePort: client.port, port: virtual.port };
}

function keyOf({ from, sourcePort, port }: Omit<HeardSegment, 'sequence'>): string {
  return `${from} ${sourcePort} ${port}`;
}

/** To the real server's own address, whatever address the packet bears: that is direct routing. */
function resetOf({ client, virtual, destination, method }: ConnectionStatus, sequence: number): IpPacket {
  const target = method === 'masq' ? destination : virtual;
  const ends: { readonly from: Address; readonly to: Address } = { from: client.address, to: target.address };
  const segment = { sourcePort: client.port, port: target.port, flags: tcpFlags.rst, sequence };
  return { to: destination.address, packet: tcp(ends, segment) };
}
