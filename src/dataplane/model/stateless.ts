/**
 * Where a connection goes that no entry can be made for, because the table or its share of half-open connections is
 * full: by rendezvous hashing (Thaler, Ravishankar 1998), so that all its segments, and another director's, agree. Of
 * all eligible destinations the one wins whose hash with the client is luckiest for its weight: least
 * -log2(hash) / weight, by which weights are kept. As bpf/lib/stateless.h.
 */

import type { Address } from '../../ipvs/address.ts';
import type { Destination, Memory } from './memory.ts';
import { octetsOf } from './packet/octets.ts';
import { type Packet, protocolNumbers } from './packet/packet.ts';
import { persisted, persistentClient } from './persistence.ts';
import type { Reason } from './reason.ts';
import { eligibleOf } from './schedule/eligible.ts';
import { leastLoaded } from './schedule/least.ts';
import type { Found } from './service-lookup.ts';
import { callIdOf } from './sip.ts';

/** So long after a connection was forwarded without an entry its segments are recognised. */
const statelessNanoseconds = 60e9;

export function isStateless({ pressure }: Memory, now: number): boolean {
  return pressure.statelessAt !== undefined && now <= pressure.statelessAt + statelessNanoseconds;
}

export function markStateless({ pressure }: Memory, now: number): void {
  pressure.statelessAt = now;
}

/** Why there is no room for the packet's connection. */
export function shortageOf({ connections, pressure, limits }: Memory, packet: Packet): Reason | undefined {
  if (connections.size >= limits.connections) return 'table_full';
  if (packet.syn && pressure.halfOpen >= limits.halfOpen) return 'half_open_full';
  return undefined;
}

/** A persistent service has a say where it goes. */
export function chooseStateless(
  memory: Memory,
  packet: Packet,
  found: Found,
  now: number,
): Destination | undefined {
  const isPersistent = found.service.config.persistent > 0;
  const known = isPersistent ? persisted(memory, packet, found, now) : undefined;
  if (known) return known;
  const seed = mixedAddress(
    isPersistent ? persistentSeed(packet, found) : clientSeed(packet),
    packet.virtual,
  );
  return leastLoaded(eligibleOf(found.service), ({ address, port }) =>
    negativeLog2(Number(mixedAddress(seed ^ BigInt(port), address) >> 32n)),
  );
}

function clientSeed({ protocol, client, clientPort, virtualPort }: Packet): bigint {
  const ports = (BigInt(clientPort) << 32n) | BigInt(virtualPort);
  return mixedAddress(BigInt(protocolNumbers[protocol]), client) ^ ports;
}

/** Of the client's network, and of SIP of each call. */
function persistentSeed(packet: Packet, found: Found): bigint {
  const { protocol, client } = persistentClient(packet, found);
  if (found.service.config.engine === 'sip')
    return BigInt.asUintN(32, mixedAddress(BigInt(fnv1a(callIdOf(packet) ?? '')), client));
  return mixedAddress(BigInt(protocol === 'ip' ? 0 : protocolNumbers[protocol]), client);
}

/** FNV-1a of 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const octet of Buffer.from(text, 'latin1')) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash;
}

/** The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit. */
function mixed(value: bigint): bigint {
  const first = BigInt.asUintN(64, (value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n);
  const second = BigInt.asUintN(64, (first ^ (first >> 27n)) * 0x94d049bb133111ebn);
  return second ^ (second >> 31n);
}

/** An IPv4 address counts as its four octets and twelve zeros. */
function mixedAddress(seed: bigint, address: Address): bigint {
  const octets = new Uint8Array(16);
  octets.set(octetsOf(address));
  const words = new DataView(octets.buffer);
  return mixed(mixed(seed ^ words.getBigUint64(0)) ^ words.getBigUint64(8));
}

/** -log2(value / 2^32) in units of 2^-16; between powers of 2 by a parabola, right to 1 %. */
function negativeLog2(value: number): number {
  const odd = (value | 1) >>> 0;
  const exponent = 31 - Math.clz32(odd);
  const fraction = ((odd << (31 - exponent)) & 0x7fffffff) >>> 15;
  const bulge = Math.floor((fraction * (0x10000 - fraction) * 22572) / 2 ** 32);
  return (32 << 16) - (exponent << 16) - (fraction + bulge);
}
