/** A real server serves, and its answers do not arrive. */

import { endpointText } from '../../ipvs/address.ts';
import { destinationKeyText } from '../../ipvs/service.ts';
import type { TcpSocket } from '../../linux/tcp-sockets.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorView, RealServerView } from '../view.ts';
import {
  type Asked,
  asked,
  connectionsOf,
  probeEvidence,
  realServer,
  serviceText,
  verdictIs,
} from './common.ts';
import { ipOf, isIpv6 } from './cures.ts';
import { destinationWords } from './ipvsadm.ts';

/** So many clients in a row must have waited in vain. */
const fewest = 5;

export const answersLost: Disorder = {
  code: 'answers-lost',
  title: "A real server's answers do not arrive",
  breaks: 'Every client that is given to it waits until it gives up, though the service is well.',
  explainedBy: [
    ...['director-asks-as-vip', 'hook-forced', 'hook-missing', 'syn-flood', 'answers-through-director'],
    ...['directors-in-a-loop', 'reverse-path-filter', 'vip-prefix-too-short'],
  ],
  onDirector: (view) => [
    ...asked(view).filter(verdictIs('lost')).map(lostOnTheWay),
    ...asked(view)
      .filter(verdictIs('well'))
      .flatMap((probe) => lostToClients(view, probe)),
  ],
  onRealServer: lostFromHere,
};

/** It asked who has the address it was to answer; so it had accepted the question. */
function lostOnTheWay(probe: Asked): Case {
  const { target, answers } = probe.reach;
  const { tunnel: _, ...settings } = probe.destination;
  const translated = { ...settings, method: 'masq' } as const;
  return {
    problem: `real server ${target.rip} accepts what is for ${target.vip}, and its answers from ${target.vip} do not arrive`,
    evidence: [
      ...probeEvidence(probe),
      `to answer a ping of ${target.vip} it asked by ARP as ${answers.askedAs}: it does hold the address`,
    ],
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: {
      on: 'real server',
      host: target.rip,
      commands: [`${ipOf(target.rip)} route replace default via ${probe.reach.source}`],
      also: [{ on: 'director', commands: [`ipvsadm -e ${destinationWords(probe.service, translated)}`] }],
      note: `something between drops packets from ${target.vip} that come from its MAC: port security or IP source guard of a switch, "forged transmits" of a hypervisor, anti-spoofing of a cloud. Better to allow it there; translated packets come from the real server's own address`,
    },
  };
}

/** It answers this host, but clients' handshakes with it never come to an end. */
function lostToClients(view: DirectorView, probe: Asked): readonly Case[] {
  if (probe.destination.method === 'masq') return [];
  const connections = connectionsOf(view, probe);
  const halfOpen = connections.filter(({ state }) => state === 'SYN_RECV');
  if (halfOpen.length < fewest || halfOpen.length < connections.length) return [];
  const { target } = probe.reach;
  const [example] = halfOpen;
  const last = Math.max(...halfOpen.map(({ expiresInSeconds }) => expiresInSeconds));
  return [
    {
      problem: `real server ${target.rip} answers this director, and no client has completed a handshake with it`,
      evidence: [
        `${halfOpen.length} connections to ${destinationKeyText(probe.destination)}, all of them in SYN_RECV`,
        `if it has been mended since, they count until a client has been served, or for ${last} s`,
        ...(example ? [`one of them from ${endpointText(example.client.address, example.client.port)}`] : []),
        ...probeEvidence(probe),
      ],
      host: realServer(probe),
      vip: target.vip,
      services: [serviceText(probe)],
      cure: {
        on: 'real server',
        host: target.rip,
        commands: [`fairlead doctor --on realserver --vip ${target.vip}`],
        note: 'the way from there to the clients is broken: its routes, reverse path filter, or a firewall on the way',
      },
    },
  ];
}

/** Of a handshake that waits, by how often its answer was sent again (1, 3, 7, … seconds after the first). */
function ageOf({ retransmissions }: TcpSocket): number {
  return 2 ** retransmissions - 1;
}

/** Seconds that sockets stay in TIME_WAIT (TCP_TIMEWAIT_LEN). */
const timeWaitSeconds = 60;

function lostFromHere({ host, vips, sockets }: RealServerView): readonly Case[] {
  return vips.flatMap((vip) => {
    const own = sockets.filter(({ local }) => local.address === vip);
    const waiting = own.filter(({ state, retransmissions }) => state === 'SYN_RECV' && retransmissions > 0);
    const oldest = Math.max(0, ...waiting.map(ageOf));
    const completed = own.filter(
      ({ state, timerSeconds }) => state === 'TIME_WAIT' && timeWaitSeconds - timerSeconds < oldest,
    );
    const [example] = waiting;
    const isServed = completed.length > 0 || own.some(({ state }) => state === 'ESTABLISHED');
    if (!example || isServed) return [];
    const gateway = host.routes.get(example.peer.address)?.gateway;
    const client = endpointText(example.peer.address, example.peer.port);
    const program = isIpv6(vip) ? 'ip6tables' : 'iptables';
    return [
      {
        problem: `answers of ${vip} to clients do not arrive${gateway ? `: the next on their way is ${gateway}` : ''}`,
        evidence: [
          `${waiting.length} connections to ${vip} in SYN_RECV, their answers sent again and again`,
          `one of them to ${client}, ${example.retransmissions} times so far`,
        ],
        host: gateway
          ? ({ role: 'other host', address: gateway } as const)
          : ({ role: 'client', address: example.peer.address } as const),
        vip,
        cure: gateway
          ? {
              on: 'other host' as const,
              host: gateway,
              commands: [`${program} -I FORWARD -s ${vip} -j ACCEPT`],
              note: 'it sees one direction only, and must not drop what it takes for invalid',
            }
          : { on: 'client' as const, commands: [], note: 'a firewall there, or a switch between' },
      },
    ];
  });
}
