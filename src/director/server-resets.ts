/**
 * The real server's end of connections that were ended (farewell.ts). A reset has to have the very number that it expects next
 * (RFC 5961 section 3.2). The client names that number in the acknowledgement by which it answers that it was asked; it comes
 * up this host's stack, where it is read, and the reset goes to the real server in the client's name.
 */

import type { Family } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import type { HeardSegment, TcpEar } from '../linux/tcp-ear.ts';
import { afterAnswer } from './farewell-packets.ts';

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
  /** Those that have not answered. */
  missing(): readonly ConnectionStatus[];
  /** Goes on for as long as a client may take, then ends. */
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

export function createServerResets(modules: ServerResetModules): AwaitAnswers {
  const listeners = { 4: createListener(4, modules), 6: createListener(6, modules) };
  const none: Answers = { hear: () => {}, missing: () => [], linger: () => {}, close: () => {} };
  return (connections) => {
    const [first] = connections;
    return first ? listeners[first.family](connections) : none;
  };
}

/** Connections that were ended together, and the step by which their answers have come, or will not. */
type Round = { until: number };
type Awaited = { readonly connection: ConnectionStatus; readonly round: Round };

/** One ear for all real servers that go at once: of a thousand ears each would be given what is for the others as well. */
function createListener(family: Family, modules: ServerResetModules) {
  const { listen, sendAll, log, pause = setTimeout } = modules;
  /** Those of the earliest round first. */
  const awaited = new Map<string, Awaited>();
  let ear: TcpEar | undefined;
  /** Which it hears; `undefined`: every one. */
  let port: number | undefined;
  /** So many and no more, whatever strangers send; those that answers may take are given in advance. */
  let step = 0;
  let isLingering = false;
  /** Whether there may be more already. */
  let isBehind = false;

  const stop = (): void => {
    ear?.close();
    ear = undefined;
    awaited.clear();
  };
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      stop();
      log.warning(`a real server is not told of connections that have ended: ${messageOf(error)}`);
    }
  };
  const open = (wanted: number | undefined): void => {
    if (!ear) {
      ear = listen(family, wanted);
      port = wanted;
    } else if (port !== undefined && port !== wanted) {
      ear.hearAll();
      port = undefined;
    }
  };
  const forget = (): void => {
    for (const [key, { round }] of awaited) {
      if (round.until > step) break;
      awaited.delete(key);
    }
    if (awaited.size === 0) stop();
  };
  const hearSome = (): void => {
    const packets: IpPacket[] = [];
    isBehind = true;
    for (let count = 0; ear && count < portion; count++) {
      const heard = ear.receive();
      if (!heard) {
        isBehind = false;
        break;
      }
      const found = awaited.get(keyOf(heard));
      if (found && awaited.delete(keyOf(heard))) packets.push(...afterAnswer(found.connection, heard));
    }
    if (packets.length > 0) sendAll(packets);
    forget();
  };
  const hear = (): void => attempt(hearSome);
  const linger = (): void => {
    hear();
    isLingering = ear !== undefined;
    if (!isLingering) return;
    const next = (): void => {
      step++;
      linger();
    };
    pause(next, isBehind ? 0 : stepMilliseconds);
  };

  return (connections: readonly ConnectionStatus[]): Answers => {
    const round: Round = { until: Number.POSITIVE_INFINITY };
    attempt(() => open(portOf(connections)));
    step -= connections.length / portion;
    for (const connection of ear ? connections : []) {
      const key = keyOf(heardFrom(connection));
      awaited.delete(key); // a later round's stand behind
      awaited.set(key, { connection, round });
    }
    return {
      hear,
      missing: () => connections.filter((each) => awaited.get(keyOf(heardFrom(each)))?.round === round),
      linger: () => {
        round.until = step + lingerMilliseconds / stepMilliseconds;
        if (!isLingering) linger();
      },
      close: () => {
        round.until = step;
        forget();
      },
    };
  };
}

/** The one that all of them are for. */
function portOf(connections: readonly ConnectionStatus[]): number | undefined {
  const [first, ...others] = new Set(connections.map(({ virtual }) => virtual.port));
  return others.length === 0 ? first : undefined;
}

type Flow = Pick<HeardSegment, 'from' | 'sourcePort' | 'to' | 'port'>;

function heardFrom({ client, virtual }: ConnectionStatus): Flow {
  return { from: client.address, sourcePort: client.port, to: virtual.address, port: virtual.port };
}

function keyOf({ from, sourcePort, to, port }: Flow): string {
  return `${from} ${sourcePort} ${to} ${port}`;
}
