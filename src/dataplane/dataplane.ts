/**
 * What a data plane does, whichever way it does it: bpf/ is the real one, model/ says the same in plain
 * TypeScript.
 *
 * Calls are synchronous and each is applied as a whole or, when it throws, not at all. A caller has checked
 * that what it names exists, or does not: the director is the only writer and keeps that order.
 */

import type { ConnectionState, ConnectionStatus } from '../ipvs/connection.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import type {
  Counters,
  Destination,
  DestinationCounts,
  DestinationKey,
  Protocol,
  Service,
  ServiceConfiguration,
  ServiceKey,
} from '../ipvs/service.ts';
import type { SyncDaemon } from '../ipvs/sync-daemon.ts';
import type { SysctlValues } from '../ipvs/sysctl.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';

export type DestinationSnapshot = Destination & DestinationCounts & { readonly counters: Counters };

/** A service as the data plane has it now; the newest real server first. */
export type ServiceSnapshot = Service & {
  readonly counters: Counters;
  readonly destinations: readonly DestinationSnapshot[];
};

/** What was counted for a service, or for one of its real servers, in some span of time. */
export type Gain = {
  readonly service: ServiceKey;
  readonly destination?: DestinationKey;
  readonly gained: Counters;
};

/** The last packet that was not forwarded for some reason. */
export type NotForwardedExample = {
  readonly secondsAgo: number;
  readonly protocol: number;
  /** `10.0.0.1:1234`, `[fd00::1]:1234` */
  readonly client: string;
  readonly virtual: string;
  readonly interface: number;
  readonly bytes: number;
};

/** By reason (abi.h's enum fl_reason in lower case, without its prefix). */
export type NotForwarded = Readonly<
  Record<string, { readonly packets: number; readonly example?: NotForwardedExample }>
>;

export type ConnectionTable = {
  readonly count: number;
  readonly limit: number;
  readonly halfOpen: number;
  readonly halfOpenLimit: number;
  /** Whether connections have just been forwarded without an entry, for want of room. */
  readonly stateless: boolean;
};

/** What else there is to know of the tables that connections lie in. */
export type TableUse = {
  /** Persistence templates. */
  readonly templates: number;
  /** Connections that lie beside their table, where looking one up takes longer. */
  readonly outside: number;
  /** Entries that the tables have room for now, by family. */
  readonly room: { readonly 4: number; readonly 6: number };
};

/** Connections of a protocol in a state. */
export type StateCount = {
  readonly protocol: Protocol;
  readonly state: ConnectionState;
  readonly count: number;
};

/** What a sweep has just done: it may take its time, but for what others are slower without. */
export type SweepPiece = 'usual' | 'urgent';

export type DataPlane = {
  /** As they are now, in the order they were added. */
  services(): Iterable<ServiceSnapshot>;
  /** Which services there are, without reading a counter. */
  serviceKeys(): readonly ServiceKey[];
  /** All services without a counter, as they are now, for whoever wants to save them. */
  configuration(): Iterable<ServiceConfiguration>;
  service(key: ServiceKey): ServiceSnapshot | undefined;
  hasService(key: ServiceKey): boolean;
  hasDestination(service: ServiceKey, key: DestinationKey): boolean;

  /**
   * What the action adds and edits takes effect at its end, all at once; whatever else it does, before that, in its turn.
   * Where the writing fails in the end, nothing of it has been done.
   */
  batch(action: () => void): void;

  /**
   * What the action adds, edits and removes of services and real servers takes effect at its end, all at once; nothing of
   * it has been done where the action throws or the writing fails. `additions`: real servers that it adds at most.
   * A service that it removes it may not add again: SERVICE_EXISTS.
   */
  transaction(additions: number, action: () => void): void;

  /**
   * The same in pieces, for whoever lets others do things meanwhile: what they read is as it was before, until all of it has
   * taken effect. They may change settings, but no services, real servers or mark rules. Where it is not asked for its last
   * piece, nothing is done, or all of it. `committed` is called when all of it has taken effect: it may have turns left then.
   */
  transactionByPieces(
    additions: number,
    action: () => Iterable<void>,
    committed?: () => void,
  ): Generator<void>;

  addService(service: Service): void;
  editService(service: Service): void;
  /** Its connections stay in the table and are refused from now on, as in IPVS. */
  removeService(key: ServiceKey): void;
  removeAllServices(): void;

  addDestination(service: ServiceKey, destination: Destination): void;
  editDestination(service: ServiceKey, destination: Destination): void;
  removeDestination(service: ServiceKey, key: DestinationKey): void;

  /** The last weight above 0 that a real server had; 0 if it never had one. */
  lastWeight(service: ServiceKey, key: DestinationKey): number;

  /**
   * Ends all connections and templates of a real server, deleted or not, and answers how many connections there were.
   * Their next packet finds no entry: one of TCP is reset by this host, one of UDP goes to another real server.
   */
  evict(service: ServiceKey, key: DestinationKey): number;
  /** What `evict` would end, without templates. */
  connectionsOn(service: ServiceKey, key: DestinationKey): Iterable<ConnectionStatus>;

  /** Counters of a service and its real servers start again at 0. Connections are not touched. */
  zero(key: ServiceKey): void;
  /**
   * What was counted since it was last asked, or since the counter was zeroed; nothing for whom nothing was, and nothing
   * the first time.
   */
  gains(): Iterable<Gain>;

  timeouts(): Timeouts;
  /** Takes effect for each connection with its next packet, as in IPVS. */
  setTimeouts(timeouts: Timeouts): void;

  sysctls(): SysctlValues;
  setSysctls(values: SysctlValues): void;

  /** They are only kept. */
  syncDaemons(): readonly SyncDaemon[];
  setSyncDaemons(daemons: readonly SyncDaemon[]): void;

  markRules(): readonly MarkRule[];
  /** All rules at once. Throws INTERFACE_NOT_FOUND. */
  setMarkRules(rules: readonly MarkRule[]): void;

  /** Persistence templates among them; none whose time is up. */
  connections(): Iterable<ConnectionStatus>;
  hasTemplates(): boolean;
  connectionTable(): ConnectionTable;
  notForwarded(): NotForwarded;

  /** Takes out the connections and templates that have expired, so that every count is of this moment. */
  sweep(): void;
  /**
   * The same in pieces of a millisecond or so, for whoever lets others do things meanwhile: counts are of the moment it
   * began, or later. It may be left off after any piece. A sweep that begins meanwhile ends it.
   */
  sweepByPieces(): Generator<SweepPiece>;
  /**
   * IPVS's defences (drop_entry, drop_packet, secure_tcp), given the free pages. To be called once a second. Whether
   * drop_entry is at work: then the next sweep thins entries out.
   */
  defend(availablePages: number): boolean;
  /** Frees what deleted real servers still hold once nothing refers to it. Called now and then. */
  purge(): void;
  /** Lets go of the data plane, which goes on without us. */
  close(): void;
};
