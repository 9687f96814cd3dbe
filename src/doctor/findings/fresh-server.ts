/** By least connections, a real server that has none yet is the best choice, for all of them. */

import {
  type DestinationStatus,
  destinationKeyText,
  type ServiceStatus,
  serviceKeyText,
} from '../../ipvs/service.ts';
import type { Case, Disorder } from '../finding.ts';
import { serviceWords, settingsWords } from './ipvsadm.ts';

/** Schedulers that go by connections. */
const byConnections: ReadonlySet<string> = new Set(['lc', 'wlc', 'sed', 'nq']);
/** Less of a gap than so many connections closes by itself before anybody has read this. */
const smallGap = 10;
/** It has less than this share of what the next has, weights taken into account. */
const smallShare = 0.25;

export const freshServer: Disorder = {
  code: 'fresh-server',
  title: 'A fresh real server gets every new connection',
  breaks: 'All new clients meet one server, which is cold, until it has as many connections as the others.',
  onDirector: ({ state }) => state.services.flatMap(casesOf),
};

function casesOf(service: ServiceStatus): readonly Case[] {
  if (!byConnections.has(service.scheduler)) return [];
  const [fresh, next] = service.destinations
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => loadOf(a) - loadOf(b));
  if (!fresh || !next) return [];
  const gap = Math.floor(loadOf(next) * fresh.weight) - fresh.activeConnections;
  if (gap < smallGap || loadOf(fresh) > smallShare * loadOf(next)) return [];
  return [
    {
      problem: `${fresh.address} gets each of the next ${gap} connections of ${serviceKeyText(service)}`,
      evidence: service.destinations.map(
        (one) =>
          `${destinationKeyText(one)}: weight ${one.weight}, ${one.activeConnections} active connections, ${one.counters.connections} ever`,
      ),
      host: { role: 'real server', address: fresh.address },
      services: [serviceKeyText(service)],
      cure: {
        on: 'director',
        commands: [`ipvsadm -E ${serviceWords(service)} ${settingsWords({ ...service, scheduler: 'wrr' })}`],
        note: `by turns, until it has its share; then back to ${service.scheduler}`,
      },
    },
  ];
}

/** Connections for each unit of weight. */
function loadOf({ activeConnections, weight }: DestinationStatus): number {
  return activeConnections / weight;
}
