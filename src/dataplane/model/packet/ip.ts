/**
 * The headers of IPv4 (RFC 791) and IPv6 (RFC 8200), as far as a director needs them. As bpf/lib/parse/network.h and
 * parse/extensions.h.
 */

import type { Family } from '../../../ipvs/address.ts';
import { read16, read32 } from './octets.ts';

export type Headers = {
  readonly family: Family;
  /** Where the IP header begins in the frame, its source address, and what comes behind all IP headers. */
  readonly network: number;
  readonly addresses: number;
  readonly transport: number;
  /** What comes there: the last header's number. */
  readonly protocol: number;
  /** The IP packet's length, as it says itself. */
  readonly bytes: number;
  readonly ttl: number;
  /** Type of service, or traffic class. */
  readonly tos: number;
  readonly dontFragment: boolean;
  readonly fragment: 'none' | 'first' | 'later';
  /** 0 where there is no fragment header. */
  readonly id: number;
};

export const ipv4Length = 20;
export const ipv6Length = 40;
const fragmentOffset = 0x1fff;
const moreFragments = 0x2000;
const dontFragment = 0x4000;

/** `undefined` where it is none. The frame has its first 20 octets. */
export function readIpv4(frame: Uint8Array, network: number): Headers | undefined {
  const first = frame[network] ?? 0;
  const header = (first & 15) * 4;
  if (first >>> 4 !== 4 || header < ipv4Length) return undefined;
  const flags = read16(frame, network + 6);
  return {
    family: 4,
    network,
    addresses: network + 12,
    transport: network + header,
    protocol: frame[network + 9] ?? 0,
    bytes: lengthOf(read16(frame, network + 2), 0, frame.length - network),
    ttl: frame[network + 8] ?? 0,
    tos: frame[network + 1] ?? 0,
    dontFragment: (flags & dontFragment) !== 0,
    fragment: fragmentOf((flags & fragmentOffset) !== 0, (flags & moreFragments) !== 0),
    id: read16(frame, network + 4),
  };
}

/** 0 stands for more than the field can say: packets that the kernel has merged (BIG TCP). */
function lengthOf(field: number, header: number, room: number): number {
  return field || room <= 0xffff ? field + header : room;
}

function fragmentOf(hasOffset: boolean, hasMore: boolean): Headers['fragment'] {
  if (hasOffset) return 'later';
  return hasMore ? 'first' : 'none';
}

/** The frame has its first 40 octets. */
export function readIpv6(frame: Uint8Array, network: number): Headers | 'malformed' | 'not-ours' {
  if ((frame[network] ?? 0) >>> 4 !== 6) return 'not-ours';
  const chain = walkExtensions(frame, network + ipv6Length, frame[network + 6] ?? 0);
  if (typeof chain === 'string') return chain;
  return {
    family: 6,
    network,
    addresses: network + 8,
    bytes: lengthOf(read16(frame, network + 4), ipv6Length, frame.length - network),
    ttl: frame[network + 7] ?? 0,
    tos: (read16(frame, network) >>> 4) & 0xff,
    dontFragment: true, // no router may
    ...chain,
  };
}

const fragmentHeader = 44;
/** Hop-by-hop and destination options, routing and fragment headers. */
const extensions: ReadonlySet<number> = new Set([0, 60, 43, fragmentHeader]);
/** More than so many nobody sends in good faith. */
const mostExtensions = 8;

type Chain = Pick<Headers, 'protocol' | 'transport' | 'fragment' | 'id'>;

/** From header to header, to the first that is no extension, or that is not in this fragment. */
function walkExtensions(frame: Uint8Array, start: number, first: number): Chain | 'malformed' | 'not-ours' {
  let chain: Chain = { protocol: first, transport: start, fragment: 'none', id: 0 };
  for (let walked = 0; extensions.has(chain.protocol) && chain.fragment !== 'later'; walked++) {
    if (walked === mostExtensions) return 'not-ours';
    if (chain.transport + 8 > frame.length) return 'malformed';
    chain = nextHeader(frame, chain);
  }
  return chain;
}

function nextHeader(frame: Uint8Array, { protocol, transport, fragment, id }: Chain): Chain {
  const next = frame[transport] ?? 0;
  if (protocol !== fragmentHeader) {
    const length = ((frame[transport + 1] ?? 0) + 1) * 8;
    return { protocol: next, transport: transport + length, fragment, id };
  }
  const place = read16(frame, transport + 2);
  const kind = fragmentOf(place > 7, (place & 1) !== 0);
  return {
    protocol: next,
    transport: transport + 8,
    fragment: kind === 'none' ? fragment : kind,
    id: read32(frame, transport + 4),
  };
}
