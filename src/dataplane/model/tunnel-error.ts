/**
 * ICMP errors about our own tunnel packets (ip_vs_in_icmp()): they come to the director, but it is the client who is to
 * hear of them. What is quoted behind the outer headers becomes the packet that the client's error is about. IPv4 in
 * IPv4 only, as IPVS does it. As bpf/lib/tunnel_error.h.
 */

import type { Address } from '../../ipvs/address.ts';
import { findConnection } from './connection.ts';
import { countOut } from './counters.ts';
import { answer } from './icmp-answer.ts';
import type { Connection, Memory } from './memory.ts';
import type { Outcome } from './outcome.ts';
import { type Headers, ipv4Length } from './packet/ip.ts';
import { read16, readAddress } from './packet/octets.ts';
import {
  ethernetLength,
  icmpLength,
  icmpNumber,
  isIcmpError,
  lengthFits,
  type Packet,
  packetQuotedAt,
  portsLength,
  readQuoted,
  tupleKey,
} from './packet/packet.ts';
import { learnPathMtu } from './path-mtu.ts';

type TunnelError = {
  readonly type: number;
  readonly code: number;
  /** The next hop's MTU, where that is what the error is about. */
  readonly mtu: number;
  readonly tunnel: Headers;
  readonly server: Address;
  /** The client's packet, as far as it is quoted, in a frame of its own. */
  readonly inner: Packet;
};

const unreachable = 3;
const fragmentationNeeded = 4;

/** `undefined` for whatever is no such error. */
export function tunnelError(
  memory: Memory,
  frame: Uint8Array,
  ingress: number,
  now: number,
): Outcome | undefined {
  const error = readError(frame, ingress);
  const connection = error && findConnection(memory, tupleKey(error.inner), now);
  if (connection?.method !== 'ipip' || connection.destination.address !== error?.server) return undefined;
  const { type, code, inner, tunnel } = error;
  if (type !== unreachable || code !== fragmentationNeeded) return tellClient(memory, error, connection, 0);
  const { destination } = connection;
  if (destination.sentMtu === undefined) return undefined;
  learnPathMtu(destination, error.mtu, now);
  countOut(destination, inner.headers.bytes);
  if (!tunnel.dontFragment) return { fate: 'dropped' };
  // IPVS passes on to the client what its last packet was measured by, and the new one with the next packet.
  return tellClient(memory, error, connection, destination.sentMtu - ipv4Length);
}

function tellClient(
  memory: Memory,
  { type, code, inner }: TunnelError,
  { destination }: Connection,
  mtu: number,
) {
  const outcome = answer(memory, inner, [type, code], mtu);
  if (outcome.fate === 'redirected') countOut(destination, outcome.frame.length - ethernetLength);
  return outcome;
}

function readError(frame: Uint8Array, ingress: number): TunnelError | undefined {
  const outer = read16(frame, 12) === ipv4EtherType ? readQuoted(frame, ethernetLength, 4) : undefined;
  if (!outer || outer.protocol !== icmpNumber(4) || outer.fragment !== 'none') return undefined;
  const type = frame[outer.transport] ?? 0;
  const tunnel = readQuoted(frame, outer.transport + icmpLength, 4);
  if (!isIcmpError(4, type) || !tunnel || tunnel.fragment === 'later') return undefined;
  if (!lengthFits(frame, outer, tunnel.transport + portsLength - outer.transport)) return undefined;
  const at = innerAt(frame, tunnel);
  const inner = at === undefined ? undefined : packetQuotedAt(frame, at, ingress);
  if (!inner) return undefined;
  const code = frame[outer.transport + 1] ?? 0;
  const mtu = read16(frame, outer.transport + 6);
  return { type, code, mtu, tunnel, server: readAddress(frame, tunnel.addresses + 4, 4), inner };
}

const ipv4EtherType = 0x0800;
const ipInIp = 4;
const udp = 17;
const gre = 47;
const gueLength = 12;
/** Version and control, above the length of what follows, are 0 in what we send. */
const gueLengthMask = 31;
const greHasChecksum = 0x8000;

/** Where the client's packet begins. */
function innerAt(frame: Uint8Array, { protocol, transport }: Headers): number | undefined {
  switch (protocol) {
    case ipInIp:
      return transport;
    case udp: {
      const [first = 0, inner] = frame.subarray(transport + 8, transport + gueLength);
      return inner === ipInIp && first <= gueLengthMask ? transport + gueLength + first * 4 : undefined;
    }
    case gre: {
      const flags = read16(frame, transport);
      const isOurs = (flags & ~greHasChecksum) === 0 && read16(frame, transport + 2) === ipv4EtherType;
      return isOurs ? transport + (flags === 0 ? 4 : 8) : undefined;
    }
    default:
      return undefined;
  }
}
