/** One hop further: TTL or hop limit less one, and IPv4's header checksum that goes with it. As bpf/lib/forward/send.h. */

import { checksumAfter } from '../packet/checksum.ts';
import { copyOf, read16, write16 } from '../packet/octets.ts';
import { ethernetLength, type Packet } from '../packet/packet.ts';

export function aged({ frame, headers }: Packet): Uint8Array {
  const older = copyOf(frame);
  const isIpv4 = headers.family === 4;
  const ttlAt = ethernetLength + (isIpv4 ? 8 : 7);
  older[ttlAt] = headers.ttl - 1;
  if (isIpv4) {
    const sumAt = ethernetLength + 10;
    const word = read16(frame, ttlAt);
    write16(older, sumAt, checksumAfter(read16(frame, sumAt), word, word - 0x100));
  }
  return older;
}

/** What Ethernet has put behind a short packet is not part of it, and is not sent on. */
export function withoutPadding(frame: Uint8Array, { headers }: Packet): Uint8Array {
  return frame.subarray(0, headers.network + headers.bytes);
}
