/**
 * ICMP errors (RFC 792, RFC 4443) in place of the packet they are about, as Linux writes them for IPVS: from the
 * virtual address, quoting the packet as far as it goes into 576 octets (RFC 1812 §4.3.2.3) or 1280, and over IPv4
 * with its type of service and precedence "internetwork control" (§4.3.2.5). As bpf/lib/icmp.h.
 */

import type { Address, Family } from '../../ipvs/address.ts';
import { send } from './forward/send.ts';
import { type Memory, nowOf, stampOf } from './memory.ts';
import { routeTo } from './next-hop.ts';
import type { Outcome } from './outcome.ts';
import { checksumOf, pseudoHeaderSum, sumOf } from './packet/checksum.ts';
import { ipv6Length } from './packet/ip.ts';
import { octetsOf, write16, write32, writeAddress } from './packet/octets.ts';
import { ethernetLength, icmpNumber, type Packet } from './packet/packet.ts';
import type { Reason } from './reason.ts';

type IcmpError = 'port-unreachable' | 'host-unreachable' | 'time-exceeded' | 'too-big';

export type TypeAndCode = readonly [type: number, code: number];

export const icmpErrors: Readonly<Record<Family, Readonly<Record<IcmpError, TypeAndCode>>>> = {
  4: { 'port-unreachable': [3, 3], 'host-unreachable': [3, 1], 'time-exceeded': [11, 0], 'too-big': [3, 4] },
  6: { 'port-unreachable': [1, 4], 'host-unreachable': [1, 3], 'time-exceeded': [3, 0], 'too-big': [2, 0] },
};

const ipv4HeaderLength = 20;
const icmpHeaderLength = 8;
const mostOctets: Readonly<Record<Family, number>> = { 4: 576, 6: 1280 };
const internetworkControl = 0xc0;
const typeOfServiceKept = 0x1e;
/** net.ipv4.ip_default_ttl */
const firstTtl = 64;

/** What the client hears of a packet that is dropped: of most nothing. `mtu` is for `too_big`. */
export function answerFor(memory: Memory, packet: Packet, reason: Reason, mtu = 0): Outcome {
  const errors = icmpErrors[packet.family];
  switch (reason) {
    case 'no_server':
      return answer(memory, packet, errors['port-unreachable'], 0);
    case 'no_route':
      return answer(memory, packet, errors['host-unreachable'], 0);
    case 'ttl_expired':
      return answer(memory, packet, errors['time-exceeded'], 0);
    case 'too_big':
      return answer(memory, packet, errors['too-big'], mtu);
    default:
      return { fate: 'dropped' };
  }
}

/**
 * To whoever sent the packet; `rest` is the MTU, or 0. A real server hears of what becomes of its packets from the
 * director's own address, as from any router.
 */
export function answer(
  memory: Memory,
  packet: Packet,
  error: TypeAndCode,
  rest: number,
  from: 'virtual-address' | 'route' = 'virtual-address',
): Outcome {
  if (!isWorthAnAnswer(packet) || !mayBeSent(memory)) return { fate: 'dropped' };
  const route = routeTo(memory, packet.client);
  if (route.kind !== 'via') return { fate: 'dropped' };
  const source = from === 'route' ? route.source : packet.virtual;
  return send(errorAbout(packet, error, source, rest), route);
}

/** No errors about errors, nor about any fragment but the first (RFC 1122 §3.2.2, RFC 4443 §2.4). */
function isWorthAnAnswer({ kind, client }: Packet): boolean {
  return kind !== 'icmp-error' && kind !== 'later-fragment' && isAnswerable(client);
}

/** Not broadcast, multicast, loopback or nobody. */
function isAnswerable(address: Address): boolean {
  const octets = octetsOf(address);
  const [first = 0] = octets;
  if (octets.length === 4) return first !== 0 && first !== 127 && first < 224;
  return first !== 0xff && octets.subarray(0, 12).some((octet) => octet !== 0);
}

/** A flood is not answered with a flood. */
function mayBeSent(memory: Memory): boolean {
  const { icmp } = memory.pressure;
  const second = stampOf(nowOf(memory));
  if (icmp.second !== second) Object.assign(icmp, { second, sent: 0 });
  return icmp.sent++ < memory.limits.icmp;
}

/** IP octets of an error about the packet. */
export function errorBytes({ family, headers }: Packet): number {
  return headersLength(family) + quotedBytes(family, headers.bytes);
}

function headersLength(family: Family): number {
  return (family === 4 ? ipv4HeaderLength : ipv6Length) + icmpHeaderLength;
}

function quotedBytes(family: Family, bytes: number): number {
  return Math.min(bytes, mostOctets[family] - headersLength(family));
}

/** The MACs stay those the packet came with. */
function errorAbout(packet: Packet, error: TypeAndCode, source: Address, rest: number): Uint8Array {
  const { family, headers, frame } = packet;
  const quoted = quotedBytes(family, headers.bytes);
  const message = icmpMessage(error, rest, frame.subarray(ethernetLength, ethernetLength + quoted));
  const pseudo =
    family === 4 ? 0 : pseudoHeaderSum(source, packet.client, icmpNumber(family), message.length);
  write16(message, 2, checksumOf(sumOf(message) + pseudo));
  const header =
    family === 4
      ? ipv4Header(source, packet.client, headers.tos, message.length)
      : ipv6Header(source, packet.client, message.length);
  const whole = new Uint8Array(ethernetLength + header.length + message.length);
  whole.set(frame.subarray(0, ethernetLength));
  whole.set(header, ethernetLength);
  whole.set(message, ethernetLength + header.length);
  return whole;
}

function icmpMessage([type, code]: TypeAndCode, rest: number, quote: Uint8Array): Uint8Array {
  const message = new Uint8Array(icmpHeaderLength + quote.length);
  message.set([type, code]);
  write32(message, 4, rest);
  message.set(quote, icmpHeaderLength);
  return message;
}

/** The identification, which is anything, is 0 here. */
function ipv4Header(source: Address, target: Address, tos: number, length: number): Uint8Array {
  const header = new Uint8Array(ipv4HeaderLength);
  header.set([0x45, internetworkControl | (tos & typeOfServiceKept)]);
  write16(header, 2, ipv4HeaderLength + length);
  header.set([firstTtl, icmpNumber(4)], 8);
  writeAddress(header, 12, source);
  writeAddress(header, 16, target);
  write16(header, 10, checksumOf(sumOf(header)));
  return header;
}

function ipv6Header(source: Address, target: Address, length: number): Uint8Array {
  const header = new Uint8Array(ipv6Length);
  header[0] = 0x60;
  write16(header, 4, length);
  header.set([icmpNumber(6), firstTtl], 6);
  writeAddress(header, 8, source);
  writeAddress(header, 24, target);
  return header;
}
