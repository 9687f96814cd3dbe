/**
 * Why a packet that matched a service, or came near one, was not forwarded as it should have been: the names of
 * enum fl_reason (bpf/include/abi.h), which also says what each means. As bpf/lib/reason.h.
 */

import { endpointText } from '../../ipvs/address.ts';
import type { NotForwarded } from '../dataplane.ts';
import { type Memory, nowOf } from './memory.ts';
import { type Packet, protocolNumbers } from './packet/packet.ts';

export const reasons = [
  'malformed',
  'fragment',
  'vip_not_local',
  'no_connection',
  'no_server',
  'server_removed',
  'table_full',
  'half_open_full',
  'ttl_expired',
  'no_route',
  'too_big',
  'cannot_fragment',
  'cannot_translate',
  'cannot_encapsulate',
  'defence',
  'no_call_id',
  'stray_reply',
] as const;
export type Reason = (typeof reasons)[number];

const left: ReadonlySet<Reason> = new Set(['malformed', 'fragment', 'vip_not_local', 'no_connection']);

/** Whether the packet is left to the local stack, as IPVS does. The others are dropped. */
export function goesToTheStack(reason: Reason): boolean {
  return left.has(reason);
}

export type NotForwardedCount = { packets: number; example?: Example };
type Example = { readonly at: number; readonly packet: Packet };

export function countNotForwarded(memory: Memory, reason: Reason, packet?: Packet): void {
  const count = memory.notForwarded.get(reason) ?? { packets: 0 };
  count.packets++;
  if (packet) count.example = { at: nowOf(memory), packet };
  memory.notForwarded.set(reason, count);
}

export function notForwardedOf(memory: Memory): NotForwarded {
  const now = nowOf(memory);
  const entries = reasons.map((reason) => {
    const { packets = 0, example } = memory.notForwarded.get(reason) ?? {};
    return [reason, { packets, ...(example && { example: described(example, now) }) }];
  });
  return Object.fromEntries(entries);
}

function described({ at, packet }: Example, now: number) {
  return {
    secondsAgo: Math.floor((now - at) / 1e9),
    protocol: protocolNumbers[packet.protocol],
    client: endpointText(packet.client, packet.clientPort),
    virtual: endpointText(packet.virtual, packet.virtualPort),
    interface: packet.ingress,
    bytes: packet.headers.bytes,
  };
}
