/** What a frame says, as far as probes ask (RFC 826, 791, 8200, 9293, 792, 4443, 4861). Pure. */

import { type Address, addressFromBytes } from '../../ipvs/address.ts';
import { ethertypes, protocols, tcpFlags } from './build.ts';
import { macText } from './mac.ts';

/** An IP packet that an ICMP error quotes. */
export type Quoted = {
  readonly protocol: number;
  readonly from: Address;
  readonly to: Address;
  readonly sourcePort: number;
  readonly port: number;
};

export type Content =
  | {
      readonly kind: 'neighbour';
      /** A question or an answer, of ARP or of neighbour discovery. */
      readonly isAnswer: boolean;
      /** The address it claims for its sender; `undefined` where it claims none. */
      readonly claimed: Address | undefined;
      readonly mac: string;
      readonly target: Address;
    }
  | {
      readonly kind: 'tcp';
      readonly from: Address;
      readonly to: Address;
      readonly sourcePort: number;
      readonly port: number;
      readonly ttl: number;
      readonly flags: number;
      readonly sequence: number;
      readonly acknowledged: number;
    }
  | {
      readonly kind: 'udp';
      readonly from: Address;
      readonly to: Address;
      readonly sourcePort: number;
      readonly port: number;
      readonly ttl: number;
    }
  | {
      readonly kind: 'echo';
      readonly isAnswer: boolean;
      readonly from: Address;
      readonly to: Address;
      readonly id: number;
      readonly sequence: number;
    }
  | {
      readonly kind: 'unreachable';
      readonly from: Address;
      readonly to: Address;
      readonly type: number;
      readonly code: number;
      readonly quoted: Quoted;
    };

export type Frame = {
  readonly source: string;
  readonly destination: string;
  readonly content: Content;
};

/** `undefined` for what is cut short, or nothing that a probe asks for. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  const content = bytes.length > 14 ? readContent(bytes) : undefined;
  return (
    content && {
      source: macText(bytes.subarray(6, 12)),
      destination: macText(bytes.subarray(0, 6)),
      content,
    }
  );
}

function readContent(bytes: Uint8Array): Content | undefined {
  const view = viewOf(bytes);
  const body = bytes.subarray(14);
  try {
    switch (view.getUint16(12)) {
      case ethertypes.arp:
        return readArp(body);
      case ethertypes.ipv4:
        return readTransport(readIpv4(body), bytes);
      case ethertypes.ipv6:
        return readTransport(readIpv6(body), bytes);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends inside a header
    throw error;
  }
}

type Packet = {
  readonly protocol: number;
  readonly from: Address;
  readonly to: Address;
  readonly ttl: number;
  readonly content: Uint8Array;
};

function readArp(bytes: Uint8Array): Content | undefined {
  const view = viewOf(bytes);
  if (view.getUint16(2) !== ethertypes.ipv4 || view.getUint8(5) !== 4 || view.byteLength < 28)
    return undefined;
  const sender = addressFromBytes(bytes.subarray(14, 18));
  return {
    kind: 'neighbour',
    isAnswer: view.getUint16(6) === 2,
    claimed: sender === '0.0.0.0' ? undefined : sender,
    mac: macText(bytes.subarray(8, 14)),
    target: addressFromBytes(bytes.subarray(24, 28)),
  };
}

function readIpv4(bytes: Uint8Array): Packet {
  const view = viewOf(bytes);
  const header = (view.getUint8(0) & 15) * 4;
  return {
    protocol: view.getUint8(9),
    from: addressFromBytes(bytes.subarray(12, 16)),
    to: addressFromBytes(bytes.subarray(16, 20)),
    ttl: view.getUint8(8),
    content: bytes.subarray(header),
  };
}

function readIpv6(bytes: Uint8Array): Packet {
  const view = viewOf(bytes);
  return {
    protocol: view.getUint8(6),
    from: addressFromBytes(bytes.subarray(8, 24)),
    to: addressFromBytes(bytes.subarray(24, 40)),
    ttl: view.getUint8(7),
    content: bytes.subarray(40),
  };
}

function readTransport(packet: Packet, frame: Uint8Array): Content | undefined {
  const { from, to, ttl, content } = packet;
  const view = viewOf(content);
  switch (packet.protocol) {
    case protocols.tcp:
      return {
        ...{ kind: 'tcp', from, to, ttl },
        sourcePort: view.getUint16(0),
        port: view.getUint16(2),
        sequence: view.getUint32(4),
        acknowledged: view.getUint32(8),
        flags: view.getUint8(13),
      };
    case protocols.udp:
      return { kind: 'udp', from, to, ttl, sourcePort: view.getUint16(0), port: view.getUint16(2) };
    case protocols.icmp:
    case protocols.icmpv6:
      return readIcmp(packet, view, macText(frame.subarray(6, 12)));
    default:
      return undefined;
  }
}

function readIcmp({ protocol, from, to, content }: Packet, view: DataView, mac: string): Content | undefined {
  const isIpv6 = protocol === protocols.icmpv6;
  const type = view.getUint8(0);
  const [request, reply, unreachable] = isIpv6 ? [128, 129, 1] : [8, 0, 3];
  if (type === request || type === reply)
    return {
      ...{ kind: 'echo', from, to, isAnswer: type === reply },
      id: view.getUint16(4),
      sequence: view.getUint16(6),
    };
  // Of IPv6 also type 4, "parameter problem": that is how an unknown next header is refused.
  if (type === unreachable || (isIpv6 && type === 4)) {
    const inner = content.subarray(8);
    const quoted = isIpv6 ? readIpv6(inner) : readIpv4(inner);
    return { kind: 'unreachable', from, to, type, code: view.getUint8(1), quoted: readQuoted(quoted) };
  }
  return isIpv6 && (type === 135 || type === 136)
    ? readDiscovery(from, content, type === 136, mac)
    : undefined;
}

function readQuoted({ protocol, from, to, content }: Packet): Quoted {
  const view = viewOf(content);
  const has = content.length >= 4;
  return { protocol, from, to, sourcePort: has ? view.getUint16(0) : 0, port: has ? view.getUint16(2) : 0 };
}

/** The claim of an advertisement is its target; of a solicitation, its sender. */
function readDiscovery(from: Address, content: Uint8Array, isAnswer: boolean, frameMac: string): Content {
  const target = addressFromBytes(content.subarray(8, 24));
  const mac = linkLayerOption(content.subarray(24), isAnswer ? 2 : 1) ?? frameMac;
  const claimed = isAnswer ? target : from;
  return { kind: 'neighbour', isAnswer, claimed: claimed === '::' ? undefined : claimed, mac, target };
}

/** Source or target link-layer address (RFC 4861 section 4.6.1). */
function linkLayerOption(options: Uint8Array, wanted: number): string | undefined {
  for (let at = 0; at + 8 <= options.length; ) {
    const length = (options[at + 1] ?? 0) * 8;
    if (length === 0) return undefined;
    if (options[at] === wanted) return macText(options.subarray(at + 2, at + 8));
    at += length;
  }
  return undefined;
}

export function isSynAck(flags: number): boolean {
  return (flags & (tcpFlags.syn | tcpFlags.ack | tcpFlags.rst)) === (tcpFlags.syn | tcpFlags.ack);
}

export function isReset(flags: number): boolean {
  return (flags & tcpFlags.rst) !== 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
