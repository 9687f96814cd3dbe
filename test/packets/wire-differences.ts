/** Recordings of the wire that are not answered in the same way, each with the reason why. */

const fragmentByFragment =
  'real IPVS waits for the whole packet, counts it once and cuts it anew; here each fragment goes its way, counted';
const options =
  'the kernel fills in what IP options ask for, and refuses source routes; they pass unchanged here';
const checksums =
  'the kernel drops wrong checksums, or reckons them anew where it translates; they stay as wrong as they are here';
const stackTranslated =
  "what this host's own real server answers is translated on its way out, and the recording has only the result";
const ownSwitches =
  'the kernel does without ip_forward; translated replies are forwarded here whatever it says';
const atomic = 'the kernel takes off the fragment header of a packet in one piece';

const byReason: Readonly<Record<string, readonly string[]>> = {
  [fragmentByFragment]: [
    'DR IPv4: a datagram of 4000 octets in three fragments',
    'DR IPv4: three fragments out of order',
    'DR IPv4: the first fragment twice',
    'DR IPv4: a fragment that never becomes whole',
    'DR IPv4: three fragments for a real server behind a route MTU of 1400',
    'DR IPv4: six fragments of 800 octets leave in fragments of the MTU',
    'DR IPv4: three fragments with DF',
    'DR IPv4: a datagram in two fragments that would fit the MTU when whole',
    'DR IPv4: a datagram in two fragments without IPVS service goes to the local stack',
    'no real server IPv4: 4000 octets in fragments',
    'DR IPv6: a datagram of 4000 octets in three fragments',
    'DR IPv6: three fragments out of order',
    'DR IPv6: the first fragment twice',
    'DR IPv6: a fragment that never becomes whole',
    'DR IPv6: three fragments for a real server behind a route MTU of 1400',
    'no real server IPv6: 4000 octets in fragments',
    'TUN ipip, IPv4 in IPv4: 4000 octets in three fragments',
    'TUN ipip, IPv4 in IPv6: 4000 octets in three fragments',
    'TUN ipip, IPv6 in IPv4: 4000 octets in three fragments',
    'TUN ipip, IPv6 in IPv6: 4000 octets in three fragments',
    'TUN gue without checksum, IPv4 in IPv4: 4000 octets in three fragments',
    'TUN gue without checksum, IPv4 in IPv6: 4000 octets in three fragments',
    'TUN gue without checksum, IPv6 in IPv4: 4000 octets in three fragments',
    'TUN gue without checksum, IPv6 in IPv6: 4000 octets in three fragments',
    'MASQ IPv4: 4000 octets in fragments, request and answer',
    'MASQ IPv6: 4000 octets in fragments, request and answer',
    'pe sip in fragments',
  ],
  [atomic]: ['DR IPv6: an atomic fragment'],
  [options]: [
    "DR IPv4: larger than the route's MTU without DF, with IP options, leaves in fragments",
    'DR IPv4: IP option record route',
    'DR IPv4: IP option loose source route',
    'TUN ipip, IPv4 in IPv4: IP options',
    'TUN ipip, IPv4 in IPv6: IP options',
    'MASQ IPv4: IP options',
  ],
  [checksums]: [
    'DR IPv4: a wrong IP header checksum is dropped',
    'a wrong IP header checksum is dropped and not counted, a right one passes',
    'DR IPv4: an ICMP error from a router, and one with a bad checksum, and one with TTL 1',
    'TUN IPv4: an ICMP error from a router, and one with a bad checksum, and one with TTL 1',
    'MASQ IPv4: an ICMP error from a router, and one with a bad checksum, and one with TTL 1',
    'MASQ IPv6: an ICMP error from a router, and one with a bad checksum, and one with TTL 1',
    'MASQ IPv4: wrong transport checksums stay as wrong as they were',
    'MASQ IPv6: wrong transport checksums stay as wrong as they were',
  ],
  [stackTranslated]: [
    'local node IPv4, own address, -m: nobody listens',
    'local node IPv4, own address and another port, -m: nobody listens',
    'local node IPv4, own address and another port, -m: TTL 1',
    'local node IPv4, the VIP and another port, -m: nobody listens',
    'local node IPv6, own address, -m: nobody listens',
    'local node IPv6, own address and another port, -m: nobody listens',
    'local node IPv6, own address and another port, -m: TTL 1',
    'local node IPv6, the VIP and another port, -m: nobody listens',
  ],
  [ownSwitches]: [
    'MASQ IPv4: without forwarding the request passes and the answer does not',
    'MASQ IPv6: without forwarding the request passes and the answer does not',
  ],
  'real IPVS lets go of an ICMPv6 error from a translated real server; it is translated for the client here':
    [
      'MASQ IPv6: ICMP errors from the real server and from a router about a UDP request',
      'MASQ IPv6: ICMP errors from the real server about a TCP request',
      'MASQ IPv6: ICMP errors from the real server about an SCTP request',
    ],
  'the recording masks the source port of one GUE port only': ['TUN gue on another port, 5555'],
  'a packet of a mark without real servers is left to the stack, which routes it': [
    'no server for a fwmark service, cache_bypass=1: the packet goes to its destination',
  ],
  'a real server that begins a call itself gets no connection': ['pe sip: a call begun by a real server'],
  "the director's own clients are not directed": [
    "the director's own client reaches the service by LOCAL_OUT",
  ],
};

/** By name. */
export const differences: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(byReason).flatMap(([reason, names]) => names.map((name) => [name, reason])),
);
