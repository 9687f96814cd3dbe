/** Many questions from one port: one connection, and with it one real server. */

import { destinationKeyText, type ServiceStatus, serviceKeyText } from '../../ipvs/service.ts';
import type { Case, Disorder } from '../finding.ts';
import { serviceWords, settingsWords } from './ipvsadm.ts';

/** Ports of protocols with one question in one datagram: DNS, NTP, SNMP, syslog, RADIUS. */
const questions: ReadonlySet<number> = new Set([53, 123, 161, 514, 1812, 1813]);
/** Fewer datagrams for each connection are clients that take a new port for each question. */
const fewPackets = 10;
const mostOfThem = 0.75;

export const udpSticks: Disorder = {
  code: 'udp-sticks',
  title: 'UDP from one port sticks to one real server',
  breaks: 'One resolver or relay is one connection for as long as it asks: its real server gets all of it.',
  onDirector: ({ state }) => state.services.flatMap(casesOf),
};

function casesOf(service: ServiceStatus): readonly Case[] {
  if (service.kind !== 'address' || service.protocol !== 'udp' || !questions.has(service.port)) return [];
  if (service.onePacket || service.persistent > 0) return [];
  const { connections, inPackets } = service.counters;
  const eligible = service.destinations.filter(({ weight }) => weight > 0);
  const busiest = eligible.toSorted((a, b) => b.counters.inPackets - a.counters.inPackets)[0];
  if (!busiest || eligible.length < 2 || inPackets < fewPackets * Math.max(connections, 1)) return [];
  if (busiest.counters.inPackets < mostOfThem * inPackets) return [];
  return [
    {
      problem: `${busiest.address} gets ${busiest.counters.inPackets} of ${inPackets} datagrams of ${serviceKeyText(service)}`,
      evidence: [
        `${inPackets} datagrams are ${connections} connections: each port of a client is one, for as long as it asks`,
        ...eligible.map(
          (one) =>
            `${destinationKeyText(one)}: ${one.counters.connections} connections, ${one.counters.inPackets} datagrams`,
        ),
      ],
      host: { role: 'real server', address: busiest.address },
      vip: service.address,
      services: [serviceKeyText(service)],
      cure: {
        on: 'director',
        commands: [
          `ipvsadm -E ${serviceWords(service)} ${settingsWords({ ...service, onePacket: true })}`,
          'ipvsadm --set 0 0 1',
        ],
        note: 'each datagram by itself from now on; what sticks already ends a second behind its next datagram; then set the time back (ipvsadm --set 0 0 300)',
      },
    },
  ];
}
