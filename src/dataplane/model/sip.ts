/**
 * The persistence engine "sip": which call a datagram belongs to (ip_vs_pe_sip.c; RFC 3261 §20.8). As bpf/lib/sip.h.
 */

import type { Packet } from './packet/packet.ts';

const udpHeaderLength = 8;
/** So far into a datagram a Call-ID is looked for. */
const mostText = 4095;
/** IPVS keeps no longer ones (IP_VS_PEDATA_MAXLEN). */
const longestCallId = 255;

/** RFC 3261 §25.1: callid = word [ "@" word ]. The header's short form is `i`; the first line is none. */
const word = '[!"%\'()*+\\-./0-9:<>?A-Z[\\\\\\]_`a-z{}~]+';
const header = new RegExp(`[\\r\\n](?:call-id|i)[ \\t]*:[ \\t]*(${word}(?:@${word})?)(?=[\\r\\n])`, 'gi');

/** The Call-ID of a request or an answer; `undefined` where there is none, or none that can be used. */
export function callIdOf({ kind, protocol, frame, headers }: Packet): string | undefined {
  if (protocol !== 'udp' || kind === 'icmp-error') return undefined;
  const message = frame.subarray(headers.transport + udpHeaderLength, headers.network + headers.bytes);
  const text = Buffer.from(message.subarray(0, mostText)).toString('latin1');
  for (const [, callId = ''] of text.matchAll(header)) if (callId.length <= longestCallId) return callId;
  return undefined;
}
