/** What nobody can foresee in a packet that the director has made up, set to 0. Pure. */

const ethernet = 14;
const [ipv4Header, ipv6Header, fragmentHeader] = [20, 40, 8];
type Packet = Uint8Array;
const [udp, ipv6Fragment] = [17, 44];
/** The ports that the fuzzer gives to GUE tunnels. */
const guePorts: readonly number[] = [6080, 5555];

const read16 = (frame: Uint8Array, at: number): number => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
/** By the packet itself: what TC forwards, the kernel gives its Ethernet header. */
const isIpv4 = (frame: Uint8Array): boolean => (frame[ethernet] ?? 0) >> 4 === 4;
const protocolOf = (frame: Uint8Array): number => frame[isIpv4(frame) ? ethernet + 9 : ethernet + 6] ?? 0;
/** As the IP header says: the frame may be longer. */
const bytesOf = (frame: Uint8Array): number =>
  isIpv4(frame) ? read16(frame, ethernet + 2) : ipv6Header + read16(frame, ethernet + 4);

/**
 * What `given`, the packet as it came, did not have: the identification of an ICMP error, of a tunnel's IPv4 header
 * (whose checksum goes with it) or of an IPv6 packet that was cut; a GUE tunnel's source port, and the checksum that
 * goes with that.
 */
export function masked(packet: Uint8Array, given: Uint8Array): Uint8Array {
  const isMadeUp = bytesOf(packet) !== bytesOf(given) || protocolOf(packet) !== protocolOf(given);
  if (!isMadeUp) return packet;
  const copy = packet.slice();
  for (const at of [...identification(packet), ...gueSource(packet)]) copy[ethernet + at] = 0;
  return copy;
}

function identification(packet: Uint8Array): readonly number[] {
  if (isIpv4(packet)) return [4, 5, 10, 11];
  return protocolOf(packet) === ipv6Fragment ? [44, 45, 46, 47] : [];
}

function gueSource(packet: Packet): readonly number[] {
  const at = udpAt(packet);
  if (at === undefined || !guePorts.includes(read16(packet, ethernet + at + 2))) return [];
  const hasSum = read16(packet, ethernet + at + 6) !== 0;
  return [at, at + 1, ...(hasSum ? [at + 6, at + 7] : [])];
}

/** Where the UDP header is, in a packet or its first fragment. */
function udpAt(packet: Packet): number | undefined {
  if (isIpv4(packet)) {
    const isLater = (read16(packet, ethernet + 6) & 0x1fff) !== 0;
    return protocolOf(packet) === udp && !isLater ? ipv4Header : undefined;
  }
  if (protocolOf(packet) === udp) return ipv6Header;
  const isFirst =
    protocolOf(packet) === ipv6Fragment && (read16(packet, ethernet + ipv6Header + 2) & ~7) === 0;
  return isFirst && packet[ethernet + ipv6Header] === udp ? ipv6Header + fragmentHeader : undefined;
}
