/** Where Fairlead differs from real IPVS, and why: cases of wire.jsonl by their names. */

const differences: readonly (readonly [RegExp, string])[] = [
  [
    /^(?!.*(fragmentation needed|leaves in fragments|without IPVS service)).*(fragment|4000 octets|never becomes whole)/,
    'IPVS sees datagrams put together; here each fragment goes on by itself',
  ],
  [
    /record route|loose source route|IP options/,
    'IPVS comes behind the stack, which fills options in, and refuses source routes',
  ],
  [
    /wrong IP header checksum|^(DR IPv4|TUN IPv4|MASQ IPv.): an ICMP error from a router, and one with a bad checksum/,
    'the stack drops what has a wrong checksum; here the receiver does',
  ],
  [/wrong transport checksums stay/, "IPVS makes SCTP's checksum right, whatever it was"],
  [/MASQ IPv6: ICMP errors from the real server/, 'IPVS loses these; here they reach the client'],
  [/without forwarding/, 'replies need no net.ipv4.ip_forward here'],
  [
    /expire_nodest_conn ends the entry/,
    "an entry ends at once; in IPVS the stack's reset to the client still finds it",
  ],
  [/TUN gue on another port/, "GUE's source port, a hash, is not masked in this recording"],
  [/cache_bypass=1: the packet goes/, 'the host routes what is bypassed; there is no entry'],
  [/the director's own client/, 'what the director itself sends is not directed'],
  [/a call begun by a real server/, 'only clients begin calls'],
];

/** The reason, where the case is one of them. */
export function knownDifference(name: string): string | undefined {
  return differences.find(([pattern]) => pattern.test(name))?.[1];
}
