/**
 * Parsing: Ethernet, IPv4 or IPv6, then the first octets of TCP, UDP, SCTP, or of an ICMP error. As bpf/lib/parse.h.
 */

import type { Address, Family } from '../../../ipvs/address.ts';
import type { Protocol } from '../../../ipvs/service.ts';
import { type SctpEvent, sctpEventAt } from '../state/sctp.ts';
import { type TcpEvent, tcpEventOf, tcpFlags } from '../state/tcp.ts';
import { type Headers, ipv4Length, ipv6Length, readIpv4, readIpv6 } from './ip.ts';
import { addressLength, read16, readAddress } from './octets.ts';

export type Ports = { readonly clientPort: number; readonly virtualPort: number };

/** Who talks to which virtual service. For an ICMP error, those whom the packet in it is between. */
export type Tuple = Ports & {
  readonly protocol: Protocol;
  readonly family: Family;
  readonly client: Address;
  readonly virtual: Address;
};

/** A later fragment has no ports of its own: they are 0 until those of the first one are found. */
export type PacketKind = 'whole' | 'first-fragment' | 'later-fragment' | 'icmp-error';

const kinds: Readonly<Record<Headers['fragment'], PacketKind>> = {
  none: 'whole',
  first: 'first-fragment',
  later: 'later-fragment',
};

export type Packet = Tuple & {
  readonly kind: PacketKind;
  readonly frame: Uint8Array;
  readonly ingress: number;
  readonly headers: Headers;
  /** Of an ICMP error: the headers of the packet it is about. */
  readonly inner?: Headers;
  /** The flag itself: not every SYN is an event `syn`. */
  readonly syn: boolean;
  readonly event: TcpEvent | SctpEvent;
  readonly icmpType: number;
};

export const ethernetLength = 14;
const etherTypes: Readonly<Record<number, Family>> = { 2048: 4, 34525: 6 };

export const protocolNumbers: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };
const protocols: Readonly<Record<number, Protocol>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };
/** SCTP's with the header of the first chunk, which says what the packet is. */
const headerLengths: Readonly<Record<Protocol, number>> = { tcp: 20, udp: 8, sctp: 16 };
export const sctpCommonLength = 12;

/** So much of a quoted packet's transport header is needed to find its connection. */
export const portsLength = 4;
export const icmpLength = 8;

export function icmpNumber(family: Family): number {
  return family === 4 ? 1 : 58;
}

/** Destination unreachable, source quench and time exceeded; of ICMPv6, all errors. */
export function isIcmpError(family: Family, type: number): boolean {
  return family === 4 ? type === 3 || type === 4 || type === 11 : type < 128;
}

export function parsePacket(frame: Uint8Array, ingress: number): Packet | 'not-ours' | 'malformed' {
  const family = etherTypes[read16(frame, 12)];
  if (!family) return 'not-ours';
  const headers = family === 4 ? parseIpv4(frame) : parseIpv6(frame);
  if (typeof headers === 'string') return headers;
  if (headers.protocol === icmpNumber(family)) return parseIcmpError(frame, ingress, headers);
  const protocol = protocols[headers.protocol];
  if (!protocol) return 'not-ours';
  const kind = kinds[headers.fragment];
  if (!lengthFits(frame, headers, kind === 'later-fragment' ? 0 : headerLengths[protocol]))
    return 'malformed';
  return {
    kind,
    frame,
    ingress,
    headers,
    ...tupleOf(frame, headers, protocol, kind),
    ...eventAt(frame, headers.transport, kind === 'later-fragment' ? undefined : protocol),
    icmpType: 0,
  };
}

/** What is none of ours is left alone, however malformed. */
function parseIpv4(frame: Uint8Array): Headers | 'not-ours' | 'malformed' {
  if (frame.length < ethernetLength + ipv4Length) return 'malformed';
  const protocol = frame[ethernetLength + 9] ?? 0;
  const isIcmp = protocol === icmpNumber(4);
  if (!protocols[protocol] && !isIcmp) return 'not-ours';
  return readIpv4(frame, ethernetLength) ?? (isIcmp ? 'not-ours' : 'malformed');
}

function parseIpv6(frame: Uint8Array): Headers | 'not-ours' | 'malformed' {
  return frame.length < ethernetLength + ipv6Length ? 'malformed' : readIpv6(frame, ethernetLength);
}

/** As long as its headers, the transport's among them, and no longer than its frame: padding is no header. */
export function lengthFits(
  frame: Uint8Array,
  { network, transport, bytes }: Headers,
  transportLength: number,
): boolean {
  return bytes >= transport - network + transportLength && bytes <= frame.length - network;
}

function tupleOf(frame: Uint8Array, headers: Headers, protocol: Protocol, kind: PacketKind): Tuple {
  const { family, transport } = headers;
  const hasPorts = kind !== 'later-fragment';
  return {
    protocol,
    family,
    client: readAddress(frame, headers.addresses, family),
    virtual: readAddress(frame, headers.addresses + addressLength(family), family),
    clientPort: hasPorts ? read16(frame, transport) : 0,
    virtualPort: hasPorts ? read16(frame, transport + 2) : 0,
  };
}

function eventAt(frame: Uint8Array, at: number, protocol: Protocol | undefined) {
  switch (protocol) {
    case 'tcp': {
      const flags = frame[at + 13] ?? 0;
      return { syn: (flags & tcpFlags.syn) !== 0, event: tcpEventOf(flags) };
    }
    case 'sctp': {
      const event = sctpEventAt(frame, at + sctpCommonLength);
      return { syn: event === 'init', event };
    }
    default:
      return { syn: false, event: 'none' as const };
  }
}

/** Seen from the packet in it, which a real server sent: its target is the client, its source the virtual service. */
function parseIcmpError(frame: Uint8Array, ingress: number, headers: Headers): Packet | 'not-ours' {
  const { family, transport, fragment } = headers;
  const icmpType = frame[transport];
  if (fragment !== 'none' || icmpType === undefined || !isIcmpError(family, icmpType)) return 'not-ours';
  const inner = readQuoted(frame, transport + icmpLength, family);
  if (!inner || inner.fragment === 'later') return 'not-ours';
  const protocol = protocols[inner.protocol];
  if (!protocol || !lengthFits(frame, headers, inner.transport + portsLength - headers.transport))
    return 'not-ours';
  const { client, virtual, clientPort, virtualPort } = tupleOf(frame, inner, protocol, 'icmp-error');
  return {
    kind: 'icmp-error',
    frame,
    ingress,
    headers,
    inner,
    ...{
      protocol,
      family,
      client: virtual,
      virtual: client,
      clientPort: virtualPort,
      virtualPort: clientPort,
    },
    ...{ syn: false, event: 'none', icmpType },
  };
}

export function readQuoted(frame: Uint8Array, at: number, family: Family): Headers | undefined {
  if (at + (family === 4 ? ipv4Length : ipv6Length) > frame.length) return undefined;
  if (family === 4) return readIpv4(frame, at);
  const headers = readIpv6(frame, at);
  return typeof headers === 'string' ? undefined : headers;
}

/**
 * The IPv4 packet that an error quotes from there on, as if it had come by itself: as long as it is quoted.
 */
export function packetQuotedAt(frame: Uint8Array, at: number, ingress: number): Packet | undefined {
  const alone = new Uint8Array(ethernetLength + Math.max(0, frame.length - at));
  alone.set(frame.subarray(0, ethernetLength));
  alone.set(frame.subarray(at), ethernetLength);
  const headers = readQuoted(alone, ethernetLength, 4);
  const protocol = headers && protocols[headers.protocol];
  if (!protocol || headers.fragment === 'later' || headers.transport + portsLength > alone.length)
    return undefined;
  return {
    ...{ kind: 'whole', frame: alone, ingress, syn: false, event: 'none', icmpType: 0 },
    ...tupleOf(alone, headers, protocol, 'whole'),
    headers: { ...headers, bytes: alone.length - ethernetLength },
  };
}

/** The tuple as text, for maps. */
export function tupleKey({ protocol, client, clientPort, virtual, virtualPort }: Tuple): string {
  return `${protocol} ${client} ${clientPort} ${virtual} ${virtualPort}`;
}
