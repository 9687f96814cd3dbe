/**
 * Virtual services and their real servers ("destinations" in IPVS), as plain data.
 *
 * Vocabulary and identity rules follow ipvsadm(8): a virtual service is known by protocol, address and
 * port; a real server, within its service, by address and port.
 */

import type { Ipv4, Port } from './address.ts';
import type { Scheduler, SchedulerFlag } from './schedulers.ts';

export type Protocol = 'tcp' | 'udp';

/** How packets reach the real server: `gate` is direct routing (`-g`, listed as `Route`). */
export type ForwardingMethod = 'gate';

export type ServiceKey = {
  readonly protocol: Protocol;
  readonly address: Ipv4;
  readonly port: Port;
};

export type Service = ServiceKey & {
  readonly scheduler: Scheduler;
  readonly flags: readonly SchedulerFlag[];
};

export type DestinationKey = { readonly address: Ipv4; readonly port: Port };

export type Destination = DestinationKey & {
  readonly method: ForwardingMethod;
  /** 0..2147483647; 0 quiesces: existing connections stay, no new ones arrive. */
  readonly weight: number;
};

/** What `--stats` shows. Bytes are IP total lengths, without link-layer headers. */
export type Counters = {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
};

/** What `--rate` shows, per second, rounded as IPVS rounds. */
export type Rates = {
  readonly connectionsPerSecond: number;
  readonly inPacketsPerSecond: number;
  readonly outPacketsPerSecond: number;
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
};

export type DestinationStatus = Destination & {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly counters: Counters;
  readonly rates: Rates;
};

/** A service as it stands. `destinations` are in scheduling order: the newest real server first. */
export type ServiceStatus = Service & {
  readonly counters: Counters;
  readonly rates: Rates;
  readonly destinations: readonly DestinationStatus[];
};

export const maxWeight = 0x7fffffff;

/** `tcp:10.0.0.1:80`: a service's identity as text, for maps and URLs. */
export function serviceKeyText(key: ServiceKey): string {
  return `${key.protocol}:${key.address}:${key.port}`;
}

/** `10.0.0.11:80`: a real server's identity within its service. */
export function destinationKeyText(key: DestinationKey): string {
  return `${key.address}:${key.port}`;
}
