/** Frames of fragments as one frame of the whole packet (RFC 791 section 3.2, RFC 8200 section 4.5). Pure. */

import { internetChecksum } from './checksum.ts';

const ethernet = 14;
const [ipv4Header, ipv6Header, fragmentHeader] = [20, 40, 8];
const ipv6Fragment = 44;

/** A frame, and the interface it left by. */
export type Left = readonly [device: number, frame: Buffer];

type Piece = {
  readonly key: string;
  readonly offset: number;
  readonly more: boolean;
  readonly content: Buffer;
  readonly left: Left;
};

/**
 * Packets of which all fragments have come are put together, at the place of the last one; what remains unfinished stands
 * at the end as it came. An identification may be used again as soon as its packet is whole.
 */
export function reassemble(frames: readonly Left[]): readonly Left[] {
  const unfinished = new Map<string, Piece[]>();
  const whole = frames.flatMap((left): readonly Left[] => {
    const piece = pieceOf(left);
    if (!piece) return [left];
    const group = [...(unfinished.get(piece.key) ?? []), piece].sort(
      (one, other) => one.offset - other.offset,
    );
    const content = contentOf(group);
    if (content) unfinished.delete(piece.key);
    else unfinished.set(piece.key, group);
    const [first] = group;
    return content && first ? [[left[0], wholeFrame(first.left[1], content)]] : [];
  });
  return [...whole, ...[...unfinished.values()].flatMap((group) => group.map(({ left }) => left))];
}

/** `undefined` for a whole packet; an IPv6 packet may also be whole with a fragment header. */
function pieceOf(left: Left): Piece | undefined {
  const [device, frame] = left;
  const ip = frame.subarray(ethernet);
  if (frame.readUInt16BE(12) === 0x0800) {
    const [total, flags] = [ip.readUInt16BE(2), ip.readUInt16BE(6)];
    if ((flags & 0x3fff) === 0) return undefined;
    const names = [frame.subarray(0, 6), ip.subarray(4, 6), ip.subarray(9, 10), ip.subarray(12, 20)];
    const content = ip.subarray(ipv4Header, total);
    const [offset, more] = [(flags & 0x1fff) * 8, (flags & 0x2000) !== 0];
    return { key: keyOf(device, names), offset, more, content, left };
  }
  if (frame.readUInt16BE(12) !== 0x86dd || ip[6] !== ipv6Fragment) return undefined;
  const flags = ip.readUInt16BE(ipv6Header + 2);
  const names = [
    frame.subarray(0, 6),
    ip.subarray(8, ipv6Header),
    ip.subarray(ipv6Header + 4, ipv6Header + 8),
  ];
  const content = ip.subarray(ipv6Header + fragmentHeader, ipv6Header + ip.readUInt16BE(4));
  return { key: keyOf(device, names), offset: flags & ~7, more: (flags & 1) !== 0, content, left };
}

function keyOf(device: number, names: readonly Buffer[]): string {
  return [device, ...names.map((name) => name.toString('hex'))].join(' ');
}

/** In order of their offsets; `undefined` where something is missing. */
function contentOf(group: readonly Piece[]): Buffer | undefined {
  let end = 0;
  for (const { offset, content } of group) {
    if (offset !== end) return undefined;
    end += content.length;
  }
  return group.at(-1)?.more ? undefined : Buffer.concat(group.map(({ content }) => content));
}

function wholeFrame(first: Buffer, content: Buffer): Buffer {
  const isIpv4 = first.readUInt16BE(12) === 0x0800;
  const headers = Buffer.from(first.subarray(0, ethernet + (isIpv4 ? ipv4Header : ipv6Header)));
  const ip = headers.subarray(ethernet);
  if (isIpv4) {
    ip.writeUInt16BE(ipv4Header + content.length, 2);
    ip.writeUInt16BE(0, 6);
    ip.writeUInt16BE(0, 10);
    ip.writeUInt16BE(internetChecksum(ip), 10);
  } else {
    ip.writeUInt8(first.readUInt8(ethernet + ipv6Header), 6);
    ip.writeUInt16BE(content.length, 4);
  }
  return Buffer.concat([headers, content]);
}
