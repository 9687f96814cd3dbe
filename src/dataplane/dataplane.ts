/**
 * What a data plane does, whichever way it does it. bpf/ is the real one.
 *
 * Calls are synchronous and each is applied as a whole or, when it throws, not at all. A caller has checked
 * that what it names exists, or does not: the director is the only writer and keeps that order.
 */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { Counters, Destination, DestinationKey, Service, ServiceKey } from '../ipvs/service.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';

export type DestinationSnapshot = Destination & {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly counters: Counters;
};

/** A service as the data plane has it now; the newest real server first. */
export type ServiceSnapshot = Service & {
  readonly counters: Counters;
  readonly destinations: readonly DestinationSnapshot[];
};

export type DataPlane = {
  /** In the order they were added. */
  services(): readonly ServiceSnapshot[];
  /** Which services there are, without reading a counter. */
  serviceKeys(): readonly ServiceKey[];
  service(key: ServiceKey): ServiceSnapshot | undefined;
  hasService(key: ServiceKey): boolean;
  hasDestination(service: ServiceKey, key: DestinationKey): boolean;

  addService(service: Service): void;
  editService(service: Service): void;
  /** Its connections stay in the table and are refused from now on, as in IPVS. */
  removeService(key: ServiceKey): void;

  addDestination(service: ServiceKey, destination: Destination): void;
  editDestination(service: ServiceKey, destination: Destination): void;
  removeDestination(service: ServiceKey, key: DestinationKey): void;

  /** Counters of a service and its real servers start again at 0. Connections are not touched. */
  zero(key: ServiceKey): void;

  timeouts(): Timeouts;
  /** Takes effect for each connection with its next packet, as in IPVS. */
  setTimeouts(timeouts: Timeouts): void;

  connections(): Iterable<ConnectionStatus>;
  connectionTable(): { readonly count: number; readonly limit: number };
  /** Packets that were not forwarded, by reason. */
  notForwarded(): Readonly<Record<string, number>>;

  /** Takes out the connections that have expired, so that every count is of this moment. */
  sweep(): void;
  /** Frees what deleted real servers still hold once nothing refers to it. Called now and then. */
  purge(): void;
  /** Lets go of the data plane, which goes on without us. */
  close(): void;
};
