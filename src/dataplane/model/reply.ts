/**
 * The way back (ip_vs_out()): what a real server sends to a client whose connection is translated, or ends on this
 * host. Such replies, and ICMP errors about what the client sent, are counted, move the connection by the table of
 * those that see both ways, and get the virtual address for their source. As bpf/lib/reply.h.
 */

import { advanceReply, findConnection, touchConnection } from './connection.ts';
import { countOut } from './counters.ts';
import { aged, withoutPadding } from './forward/age.ts';
import { type Translation, translate } from './forward/masq.ts';
import type { Via } from './forward/plan.ts';
import { send, sendInFragments } from './forward/send.ts';
import { rememberFragment } from './fragments.ts';
import { answer, icmpErrors, type TypeAndCode } from './icmp-answer.ts';
import type { Connection, Memory } from './memory.ts';
import { routeTo } from './next-hop.ts';
import type { Outcome } from './outcome.ts';
import { copyOf } from './packet/octets.ts';
import type { Packet } from './packet/packet.ts';
import { countNotForwarded, type Reason } from './reason.ts';
import { replyKey } from './reply-table.ts';

/** Of another host: sent on to the client, one hop older, as a router would. `undefined`: it is no reply. */
export function reply(memory: Memory, packet: Packet, now: number): Outcome | undefined {
  const connection = connectionOfReply(memory, packet, now);
  if (!connection) return undefined;
  const route = routeTo(memory, packet.virtual);
  switch (route.kind) {
    case 'unreachable':
      return dropFor(memory, packet, 'no_route');
    case 'local':
      return toThisHost(memory, packet, acceptReply(memory, packet, connection, now));
    case 'via':
      return refusedAsByRouter(memory, packet, route) ?? toClient(memory, packet, connection, route, now);
  }
}

/** Where a request has the client, a reply has the real server. */
export function connectionOfReply(memory: Memory, packet: Packet, now: number): Connection | undefined {
  const { protocol, client, clientPort, virtual, virtualPort } = packet;
  const found = memory.replies.get(replyKey(protocol, client, clientPort, virtual, virtualPort));
  return found && findConnection(memory, found.key, now);
}

/** Counts a reply, and says how its source is to be translated: to what it is, if not at all. */
export function acceptReply(
  memory: Memory,
  packet: Packet,
  connection: Connection,
  now: number,
): Translation {
  account(memory, packet, connection, now);
  if (packet.kind === 'first-fragment') rememberFragment(memory, packet, now);
  return {
    end: 'source',
    from: packet.client,
    to: connection.tuple.virtual,
    fromPort: packet.clientPort,
    toPort: connection.tuple.virtualPort,
  };
}

/** ICMP errors do nothing but count. */
function account(memory: Memory, packet: Packet, connection: Connection, now: number): void {
  countOut(connection.destination, packet.headers.bytes);
  if (packet.kind === 'later-fragment') touchConnection(memory, connection, now);
  else if (packet.kind !== 'icmp-error') advanceReply(memory, connection, packet.event, now);
}

export function isTranslated({ from, to, fromPort, toPort }: Translation): boolean {
  return from !== to || fromPort !== toPort;
}

/** The real server hears from the director what it would hear from any router, and IPVS does not see such packets. */
function refusedAsByRouter(memory: Memory, packet: Packet, { mtu }: Via): Outcome | undefined {
  const { ttl, bytes, dontFragment } = packet.headers;
  const errors = icmpErrors[packet.family];
  if (ttl <= 1) return refuse(memory, packet, 'ttl_expired', errors['time-exceeded'], 0);
  if (bytes > mtu && dontFragment) return refuse(memory, packet, 'too_big', errors['too-big'], mtu);
  return undefined;
}

function refuse(memory: Memory, packet: Packet, reason: Reason, error: TypeAndCode, mtu: number): Outcome {
  countNotForwarded(memory, reason, packet);
  return answer(memory, packet, error, mtu, 'route');
}

function toThisHost(memory: Memory, packet: Packet, change: Translation): Outcome {
  const frame = copyOf(packet.frame);
  if (isTranslated(change) && !translate(frame, packet, change))
    return dropFor(memory, packet, 'cannot_translate');
  return { fate: 'stack', frame };
}

function toClient(memory: Memory, packet: Packet, connection: Connection, route: Via, now: number): Outcome {
  const change = acceptReply(memory, packet, connection, now);
  const frame = withoutPadding(aged(packet), packet);
  if (isTranslated(change) && !translate(frame, packet, change))
    return dropFor(memory, packet, 'cannot_translate');
  const fits = packet.headers.bytes <= route.mtu;
  const outcome = fits ? send(frame, route) : sendInFragments(memory.world, frame, route);
  return typeof outcome === 'string' ? dropFor(memory, packet, outcome) : outcome;
}

function dropFor(memory: Memory, packet: Packet, reason: Reason): Outcome {
  countNotForwarded(memory, reason, packet);
  return { fate: 'dropped' };
}
