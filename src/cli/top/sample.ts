/** What `fairlead top` knows: one look at the director, or two, between which things happened. Pure. */

import type { DirectorStatus, ServiceSummary } from '../../api/status.ts';
import { type Counters, destinationKeyText, type Rates, type ServiceStatus } from '../../ipvs/service.ts';

export type Sample = {
  /** Milliseconds, monotonic. */
  readonly at: number;
  readonly status: DirectorStatus;
  readonly services: readonly ServiceSummary[];
  /** Those that are opened, by name. */
  readonly opened: ReadonlyMap<string, ServiceStatus>;
};

export type Figures = {
  readonly active: number;
  readonly inactive: number;
  /** A second. */
  readonly connections: number;
  readonly packets: number;
  readonly bytes: number;
};

/** A line of the table: a service, or a real server below its own. */
export type Row = Figures & {
  /** Of all rows no two have the same. */
  readonly key: string;
  readonly service: string;
  readonly server?: string;
  /** Weight of a real server; how many of a service's have one. */
  readonly weight: string;
};

/** A service with its real servers, which are there while it is opened. */
export type Group = { readonly row: Row; readonly servers: readonly Row[] };

export function groupsOf(now: Sample, before: Sample | undefined): readonly Group[] {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const known = new Map(before?.services.map((summary) => [summary.service, summary]));
  return now.services.map((summary) => {
    const { service, available, servers, counters, rates, activeConnections, inactiveConnections } = summary;
    const row: Row = {
      ...{ key: service, service, weight: `${available}/${servers}` },
      ...{ active: activeConnections, inactive: inactiveConnections },
      ...perSecond(counters, known.get(service)?.counters, seconds, rates),
    };
    return { row, servers: serversOf(service, now, before, seconds) };
  });
}

function serversOf(
  service: string,
  now: Sample,
  before: Sample | undefined,
  seconds: number,
): readonly Row[] {
  const known = new Map(
    before?.opened.get(service)?.destinations.map((each) => [destinationKeyText(each), each]),
  );
  return (now.opened.get(service)?.destinations ?? []).map((each) => {
    const server = destinationKeyText(each);
    return {
      ...{ key: `${service} ${server}`, service, server, weight: String(each.weight) },
      ...{ active: each.activeConnections, inactive: each.inactiveConnections },
      ...perSecond(each.counters, known.get(server)?.counters, seconds, each.rates),
    };
  });
}

/** Between two looks; before there are two, and where counters were zeroed, IPVS's own estimate. */
function perSecond(
  now: Counters,
  before: Counters | undefined,
  seconds: number,
  estimate: Rates,
): Pick<Figures, 'connections' | 'packets' | 'bytes'> {
  if (!before || seconds <= 0 || now.connections < before.connections || now.inPackets < before.inPackets) {
    const {
      connectionsPerSecond,
      inPacketsPerSecond,
      outPacketsPerSecond,
      inBytesPerSecond,
      outBytesPerSecond,
    } = estimate;
    return {
      connections: connectionsPerSecond,
      packets: inPacketsPerSecond + outPacketsPerSecond,
      bytes: inBytesPerSecond + outBytesPerSecond,
    };
  }
  const rate = (...names: readonly (keyof Counters)[]): number =>
    names.reduce((sum, name) => sum + now[name] - before[name], 0) / seconds;
  return {
    connections: rate('connections'),
    packets: rate('inPackets', 'outPackets'),
    bytes: rate('inBytes', 'outBytes'),
  };
}

/** Packets a second that were not forwarded. */
export function dropsPerSecond(now: Sample, before: Sample | undefined): number {
  const total = ({ status }: Sample): number =>
    Object.values(status.notForwarded).reduce((sum, { packets }) => sum + packets, 0);
  return before && now.at > before.at ? ((total(now) - total(before)) * 1000) / (now.at - before.at) : 0;
}
