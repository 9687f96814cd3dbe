/**
 * What leaves this host (clsact egress): among it the replies of a real server that is this host itself. They count and
 * move their connection, and get the virtual address where they were translated. As bpf/lib/egress.h.
 */

import { translate } from './forward/masq.ts';
import { forgetFragment, portsOfFragment } from './fragments.ts';
import { type Memory, nowOf } from './memory.ts';
import type { Outcome } from './outcome.ts';
import { copyOf } from './packet/octets.ts';
import { type Packet, parsePacket } from './packet/packet.ts';
import { countNotForwarded } from './reason.ts';
import { acceptReply, connectionOfReply, isTranslated } from './reply.ts';
import { countStray, isStray } from './stray.ts';

/** A frame that a local process sends. What is only passing, or was sent on by us, never comes by here. */
export function leave(memory: Memory, egress: number, frame: Uint8Array): Outcome {
  const onItsWay: Outcome = { fate: 'stack', frame };
  const parsed = parsePacket(frame, egress);
  if (typeof parsed === 'string') return onItsWay;
  const now = nowOf(memory);
  if (parsed.kind === 'first-fragment') forgetFragment(memory, parsed);
  const ports = parsed.kind === 'later-fragment' ? portsOfFragment(memory, parsed, now) : parsed;
  const packet = ports && { ...parsed, ...ports };
  const connection = packet && connectionOfReply(memory, packet, now);
  if (!connection) return packet && isStray(memory, packet) ? dropStray(memory, packet, now) : onItsWay;
  const change = acceptReply(memory, packet, connection, now);
  if (!isTranslated(change)) return onItsWay;
  const translated = copyOf(frame);
  if (translate(translated, packet, change)) return { fate: 'stack', frame: translated };
  countNotForwarded(memory, 'cannot_translate', packet);
  return { fate: 'dropped' };
}

/** In silence: IPVS tells the local process by ICMP. */
function dropStray(memory: Memory, packet: Packet, now: number): Outcome {
  countStray(memory, packet, now);
  return { fate: 'dropped' };
}
