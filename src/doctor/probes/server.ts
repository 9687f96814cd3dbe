/**
 * One real server asked as the data plane would ask it: a packet to the virtual address, sent straight to its MAC,
 * or inside its tunnel. Beside it the same to its own address, and pings of both.
 *
 * The packets come from the director's own address, so that answers come back to it: no route and no ARP for the
 * virtual address is in play. What was opened is reset again.
 */

import type { Address } from '../../ipvs/address.ts';
import type { Protocol, Tunnel } from '../../ipvs/service.ts';
import type { Network } from './network.ts';
import { type Kind, packetsOf, resetsOf } from './server-packets.ts';
import { type Sign, signOf } from './server-signs.ts';

/** How a packet is sent: from where, and to which MAC. */
export type Way = {
  readonly interface: string;
  readonly mac: string;
  readonly nextHopMac: string;
  /** Of the director, towards the real server. */
  readonly source: Address;
  /** Another family's, for what is inside a tunnel of the other family. */
  readonly innerSource: Address;
  /** Of the virtual address's segment and nobody's: who wants to answer it has to ask for it first. */
  readonly stranger: Address | undefined;
  /** This host's, of the interface: to ask a host that is deaf in IPv4. */
  readonly linkLocal: Address | undefined;
  /** It has lately asked as the virtual address: whether it still does has to be seen. */
  readonly isSuspect: boolean;
  /** Further held ports, to send more SYNs from: a director would give them to several servers, and one back. */
  readonly extraPorts: readonly number[];
};

export type Target = {
  readonly protocol: Protocol;
  readonly vip: Address;
  readonly rip: Address;
  /** 0: none in particular. */
  readonly virtualPort: number;
  readonly realPort: number;
  readonly tunnel: Tunnel | undefined;
  /** Whether the real server gets packets for its own address (`-m`) instead of the virtual one. */
  readonly isTranslated: boolean;
};

/**
 * What became of a packet. `bounced`: it came back as it was sent, from a host that took itself for a router.
 * `rejected`: refused by ICMP, as firewalls do.
 */
export type Fate = 'open' | 'closed' | 'rejected' | 'bounced' | 'silent';

export type Answers = {
  readonly virtual: Fate;
  readonly own: Fate;
  readonly virtualPing: boolean;
  readonly ownPing: boolean;
  /** Of one that is reached by a tunnel: whether the virtual address answers a ping without one. */
  readonly plainPing: boolean;
  /** The tunnel's packets themselves were refused: nobody takes them out there. */
  readonly tunnelRefused: boolean;
  /** An answer to an address beyond the segment was sent to the director: it is the real server's gateway. */
  readonly answersThroughUs: boolean;
  /** In whose name it asked for the stranger: it holds the virtual address, whether or not its answers arrive. */
  readonly askedAs: Address | undefined;
  /** Of one that answers nothing else in IPv4: it answers a ping to all nodes in IPv6. */
  readonly ipv6Ping: boolean;
  /** The last TTL or hop limit of what bounced. */
  readonly bouncedTtl: number | undefined;
};

const milliseconds = 400;
/** What is not answered by then is not answered at all. */
const patienceMilliseconds = 800;
/** What nobody needs to answer may need ARP first. */
const graceMilliseconds = 60;
/**
 * A host that looks for the stranger already, because the doctor was here a moment ago, asks again once a second, and anew
 * once it has given up (RetransTimer of RFC 4861; retrans_time_ms of arp(7)): so long, and one attempt.
 */
const askedAgainMilliseconds = 1600;

/** `port` is the held one; `id` a number of this probe's own, so that answers are told apart. */
export async function probeServer(
  network: Network,
  way: Way,
  target: Target,
  port: number,
  id: number,
): Promise<Answers> {
  const { expected, others } = packetsOf(way, target, port, id);
  const asksForStranger = way.stranger !== undefined && !target.isTranslated;
  const began = performance.now();
  const isEnough = (signs: readonly Sign[]): boolean => {
    const heard = new Set<string>(signs.map(({ kind }) => kind));
    const isAnswered = Object.keys(expected).every((kind) => heard.has(kind));
    const isMissed = asksForStranger && !heard.has('stranger');
    // Whether it holds the address, and as whom it asks: where nothing else tells, its question does.
    if (isMissed && (way.isSuspect || !(heard.has('virtual') || heard.has('virtualPing')))) return false;
    return performance.now() - began > (isAnswered ? graceMilliseconds : patienceMilliseconds);
  };
  const signs = await network.ask({
    interface: way.interface,
    frames: [...others, ...Object.values(expected)],
    take: (heard) => signOf(heard, way, target, port, id),
    isEnough,
    attempts: (asksForStranger ? askedAgainMilliseconds : patienceMilliseconds) / milliseconds,
    milliseconds,
  });
  for (const frame of resetsOf(way, target, port, id)) network.send(way.interface, frame);
  return summary(signs);
}

function summary(signs: readonly Sign[]): Answers {
  const has = (kind: Sign['kind']): boolean => signs.some((sign) => sign.kind === kind);
  const best = (kind: Kind): Fate => {
    const fates = signs.filter((sign) => sign.kind === kind).map(({ fate }) => fate);
    return (
      (['open', 'closed', 'rejected', 'bounced'] as const).find((fate) => fates.includes(fate)) ?? 'silent'
    );
  };
  return {
    virtual: best('virtual'),
    own: best('own'),
    virtualPing: has('virtualPing'),
    ownPing: has('ownPing'),
    plainPing: has('plainPing'),
    ipv6Ping: has('ipv6Ping'),
    tunnelRefused: has('tunnel'),
    answersThroughUs: has('elsewherePing'),
    askedAs: signs.find(({ kind }) => kind === 'stranger')?.name,
    bouncedTtl: signs.findLast(({ fate }) => fate === 'bounced')?.ttl,
  };
}
