/**
 * Where Fairlead and kernel IPVS are not compared, or are known to differ; docs/compare.md shows both. Pure.
 */

import type { Feature } from './features.ts';

export type Excused = {
  /** What is different. */
  readonly what: string;
  readonly reason: string;
  /** How a comparison deals with it. */
  readonly how: string;
};

/** What cannot be equal, or is not looked at. */
export const excused: readonly Excused[] = [
  {
    what: 'order of `-Lcn`',
    reason: 'the kernel lists a hash table with a random seed',
    how: 'lines are sorted',
  },
  {
    what: 'seconds left in `-Lcn`',
    reason: 'the two sides look at different moments',
    how: 'Fairlead keeps the kernel’s pace; two seconds, and what the moments differ by, are allowed',
  },
  {
    what: '`--stats` right after a packet',
    reason: 'the kernel adds counters up every two seconds',
    how: 'a look at counters, and `-Z`, wait for it',
  },
  {
    what: '`--rate`',
    reason: 'depends on when the estimator ran',
    how: 'not looked at; `src/director/estimator.test.ts` covers it',
  },
  {
    what: 'order of services with `--nosort`',
    reason: 'the kernel lists a hash table with a random seed',
    how: 'not looked at',
  },
  {
    what: 'a service that the kernel lists twice',
    reason: 'its listing is read in two pieces, and counts services of other namespaces that come in between',
    how: 'listed again until each is there once',
  },
  {
    what: 'exit codes other than 0',
    reason: "the guest's commands run in one `ipvsadm -R`, which has no code for a line",
    how: 'that a command failed, and what it said, is compared; the goldens have the codes',
  },
  {
    what: 'IP id of ICMP errors and tunnel headers, source port of GUE',
    reason: 'each kernel chooses by a secret of its own',
    how: 'left out of the description of a frame',
  },
  {
    what: 'source port 20',
    reason: 'IPVS leaves it to its FTP helper',
    how: 'no client uses it',
  },
  {
    what: 'scheduler `twos`',
    reason: 'draws lots, and Linux 6.1 does not have it',
    how: 'not used; tests compare shares',
  },
  {
    what: 'counters of fragmented datagrams',
    reason: 'the kernel counts the datagram that it has put together, Fairlead each fragment',
    how: 'not looked at in scenarios with fragments',
  },
  {
    what: 'fragments through a tunnel',
    reason: 'the kernel cuts the tunnel packet instead; Fairlead wraps up each fragment',
    how: 'scenarios have either fragments or tunnels',
  },
  {
    what: 'fragments for a one-packet service',
    reason: 'the kernel schedules the whole datagram; of later fragments Fairlead knows no connection',
    how: 'scenarios have either fragments or such services',
  },
  {
    what: 'where fragments are cut',
    reason:
      'the kernel puts them together and cuts again, by how the pieces lie in its memory; so it keeps "don\'t fragment" or not',
    how: 'put together, then compared; fragments do not bear it',
  },
  {
    what: 'a Call-ID in a later fragment',
    reason:
      'the kernel reads the whole message, Fairlead its first fragment; without a Call-ID there it drops it',
    how: 'first fragments of SIP messages are long enough for it',
  },
  {
    what: 'ICMP errors about fragments',
    reason: 'the kernel quotes the datagram, Fairlead the fragment that it answers',
    how: 'in scenarios with fragments, what ICMP errors quote is not looked at',
  },
  {
    what: 'the director as a real server for SCTP',
    reason: 'the stack behind it answers, and not every machine has SCTP',
    how: 'scenarios have either SCTP or such real servers',
  },
  {
    what: '`drop_entry`',
    reason: 'thins out by lot',
    how: 'not set; `test/packets/defence.test.ts` says what goes, and what never does',
  },
  {
    what: '`cache_bypass`, requests of the director itself, IP options, wrong checksums, merged packets',
    reason: 'differ by design, and are listed there ([0005](design/0005-where-it-differs-from-ipvs.md))',
    how: 'not used',
  },
  {
    what: 'ICMP errors about tunnel packets',
    reason: 'they would have to quote what each side has sent',
    how: 'not sent; recordings of the wire (`test/golden/wire.jsonl`) have them for every kind of tunnel',
  },
  {
    what: 'marks of ICMP',
    reason: 'netfilter marks it by its own addresses; rules of Fairlead are for TCP, UDP and SCTP',
    how: 'rules name a protocol',
  },
  {
    what: 'calls that a masqueraded real server of a SIP service begins',
    reason: 'the kernel makes connections of them; Fairlead only lets clients begin',
    how: 'real servers of SIP services answer nothing',
  },
  {
    what: 'ICMPv6 errors from behind a translation',
    reason:
      'the kernel loses them (asked on 27 November 2026, Linux 6.1: none of a dozen left); Fairlead translates them',
    how: 'this host is no masqueraded real server of IPv6 for UDP, where its stack would send some',
  },
  {
    what: '`expire_nodest_conn` set after real servers were deleted',
    reason:
      'the kernel ends their connections with their next packet, or with the next deletion; Fairlead at once',
    how: 'it is set before, or not at all',
  },
  {
    what: 'a port used again, on this host as real server, after its mark rules have gone',
    reason:
      'the entry makes way, and the SYN is for the stack; its answer keeps the kernel’s entry, which Fairlead has ended',
    how: 'scenarios either have such real servers or take rules away',
  },
  {
    what: 'sync daemons, and sysctls without effect here',
    reason: 'nothing is synchronised yet',
    how: 'not used',
  },
];

export type Open = {
  readonly what: string;
  readonly kernel: string;
  readonly fairlead: string;
  /** The feature that a comparison does without until this is mended. */
  readonly feature: Feature;
};

/** Differences that are to be mended. A comparison does without their features unless it is told otherwise. */
export const open: readonly Open[] = [];
