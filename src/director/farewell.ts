/**
 * Ending the connections of a real server. Their entries are taken out, so that the next segment of a client finds none and
 * is answered by this host's own stack: with a reset. A client that only waits sends none; it is made to. A SYN+ACK in the
 * midst of a connection is answered with an acknowledgement whatever its numbers are (RFC 5961 section 4), and that
 * is the segment. The reset has the right number then, which the director does not know.
 *
 * The acknowledgement has the number that the real server expects next, too (server-resets.ts).
 */

import type { DataPlane } from '../dataplane/dataplane.ts';
import type { ConnectionState, ConnectionStatus } from '../ipvs/connection.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { type DestinationKey, destinationKeyText, type ServiceKey } from '../ipvs/service.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import { question } from './farewell-packets.ts';
import type { Answers, AwaitAnswers } from './server-resets.ts';

/** Ends all connections of a real server, deleted or not, and answers how many there were. */
export type Farewell = (service: ServiceKey, server: DestinationKey) => number;

export type FarewellModules = {
  readonly plane: Pick<DataPlane, 'evict' | 'connectionsOn'>;
  /** Inside the namespace. */
  readonly sendAll: (packets: readonly IpPacket[]) => void;
  /** From before the entries are out, when whoever says something is reset: what clients say is passed on to the real server. */
  readonly awaitAnswers: AwaitAnswers;
  readonly log: Pick<Logger, 'warning'>;
  readonly later?: (action: () => void) => void;
  readonly pause?: (action: () => void, milliseconds: number) => void;
};

/** Whose client has an established connection. One that is still opening its own sends its SYN again by itself. */
const awaited: readonly ConnectionState[] = ['ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT'];

/** Packets that are sent before others have their turn. */
const portion = 256;

/**
 * Who has not answered is asked once more. What came just before something else that Linux answers in this way has no answer
 * for half a second (tcp_invalid_ratelimit of ip-sysctl.rst), and what is lost has none either.
 */
const secondMilliseconds = 750;

/** Clients that are told of a real server's end. A million of them would be 350 MB, and a second in which nothing else is done. */
export const mostTold = 1 << 17;

export function createFarewell(modules: FarewellModules): Farewell {
  const { plane, sendAll, awaitAnswers, log, later = setImmediate, pause = setTimeout } = modules;
  type Asking = {
    readonly waiting: readonly ConnectionStatus[];
    readonly answers: Answers;
    readonly isLast: boolean;
  };
  const askFrom = (from: number, asking: Asking): void => {
    const { waiting, answers, isLast } = asking;
    if (from >= waiting.length) {
      answers.linger();
      if (!isLast)
        pause(() => ask({ waiting: answers.missing(), answers, isLast: true }), secondMilliseconds);
      return;
    }
    try {
      sendAll(waiting.slice(from, from + portion).map(question));
      answers.hear();
    } catch (error) {
      answers.close();
      log.warning(`clients of a real server that has gone are not told: ${messageOf(error)}`);
      return;
    }
    later(() => askFrom(from + portion, asking));
  };
  const ask = (asking: Asking): void => {
    if (asking.waiting.length > 0) askFrom(0, asking);
  };
  return (service, server) => {
    const isOther = service.kind === 'address' && service.protocol !== 'tcp';
    const waiting = isOther ? [] : firstAwaited(plane.connectionsOn(service, server));
    const answers = awaitAnswers(waiting);
    let ended: number;
    try {
      ended = plane.evict(service, server);
    } catch (error) {
      answers.close();
      throw error;
    }
    if (waiting.length === mostTold)
      log.warning(
        `${destinationKeyText(server)} has gone with ${ended} connections: ${mostTold} clients are told, the others with their next segment`,
      );
    later(() => ask({ waiting, answers, isLast: false }));
    return ended;
  };
}

function firstAwaited(connections: Iterable<ConnectionStatus>): readonly ConnectionStatus[] {
  const found: ConnectionStatus[] = [];
  for (const connection of connections) {
    if (isAwaited(connection)) found.push(connection);
    if (found.length === mostTold) break;
  }
  return found;
}

function isAwaited({ protocol, state }: ConnectionStatus): boolean {
  return protocol === 'tcp' && awaited.includes(state);
}
