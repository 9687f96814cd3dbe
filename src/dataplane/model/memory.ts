/** Everything that the model remembers from one packet to the next, and what it asks of the world around it. */

import type { Address, Family, Port } from '../../ipvs/address.ts';
import type { ConnectionState } from '../../ipvs/connection.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import type {
  Destination as DestinationConfig,
  Service as ServiceConfig,
  ServiceKey,
} from '../../ipvs/service.ts';
import type { SyncDaemon } from '../../ipvs/sync-daemon.ts';
import type { SysctlValues } from '../../ipvs/sysctl.ts';
import type { Timeouts } from '../../ipvs/timeouts.ts';
import type { Counts } from './counters.ts';
import type { Ports, Tuple } from './packet/packet.ts';
import type { NotForwardedCount, Reason } from './reason.ts';
import type { SchedulerMemory } from './schedule/memory.ts';

/** Where a frame is met: by TC, or by XDP in front of it. */
export type Hook = 'tc' | 'xdp';

export type Route =
  | { readonly kind: 'local' }
  | { readonly kind: 'unreachable' }
  | {
      readonly kind: 'via';
      /** Index of the interface. */
      readonly interface: number;
      readonly nextHop: Address;
      /** The next hop's MAC, six octets, where the kernel knows it. */
      readonly mac?: Uint8Array;
      readonly mtu: number;
      /** This host's own address towards it. */
      readonly source: Address;
    };

export type Interface = {
  readonly name: string;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** Runs the XDP program natively, so that XDP may send out of it. */
  readonly xdp: boolean;
};

export type World = {
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly clock: () => bigint;
  readonly routes: (address: Address) => Route;
  readonly interfaces: ReadonlyMap<number, Interface>;
  /** A number drawn at random from 0 to below `limit`. */
  readonly draw: (limit: number) => number;
};

export type Limits = {
  /** Entries that the table may hold, and how many of them half-open. */
  readonly connections: number;
  readonly halfOpen: number;
  readonly fragments: number;
  /** ICMP errors a second. */
  readonly icmp: number;
};

export type Service = {
  config: ServiceConfig;
  /** Newest first: the order in which schedulers walk. */
  destinations: readonly Destination[];
  readonly counts: Counts;
  scheduling: SchedulerMemory;
};

export type Destination = {
  readonly address: Address;
  readonly port: Port;
  readonly family: Family;
  readonly serviceKey: ServiceKey;
  /** Whose counters count with it; none once that service has gone. */
  service: Service | undefined;
  config: DestinationConfig;
  /** Not in the trash. */
  available: boolean;
  /** Order of addition within the service, 1 is the oldest. */
  sequence: number;
  /** The last weight above 0, or that it was added with (mh). */
  lastWeight: number;
  active: number;
  inactive: number;
  /** Templates. */
  persistent: number;
  /** Its upper threshold was reached. */
  overloaded: boolean;
  counts: Counts;
  /** Nanoseconds. */
  deletedAt: number;
  /** The route as it was last looked up, and when. */
  route: { readonly stamp: number; readonly route: Route } | undefined;
  /** What routers have told of the MTU of a tunnel's way, and when. */
  pathMtu: { readonly stamp: number; readonly mtu: number } | undefined;
  /** What its last packet through a tunnel was measured by. */
  sentMtu: number | undefined;
};

export type Method = 'gate' | 'ipip' | 'masq' | 'local';

/** An entry of the table, live or expired, of a connection or of a template. Nanoseconds and milliseconds. */
export type Expiring = { lastSeen: number; timeoutMs: number };

export type Connection = Expiring & {
  readonly tuple: Tuple;
  readonly key: string;
  readonly destination: Destination;
  readonly method: Method;
  /** Where the real server gets it. */
  readonly serverPort: number;
  readonly template: Template | undefined;
  state: ConnectionState;
  /** Replies are seen. Without it, only the client's half is known. */
  twoWay: boolean;
  /** From the client. */
  packets: number;
  ended: boolean;
};

/** A persistence template: all connections of one client network, or of one call, go to one destination. */
export type Template = Expiring & {
  key: string;
  readonly protocol: Tuple['protocol'] | 'ip';
  readonly family: Family;
  readonly client: Address;
  readonly virtual: Address;
  virtualPort: number;
  readonly destination: Destination;
  serverPort: number;
  assured: boolean;
  /** Live connections under it: it does not end before them. */
  controlled: number;
  readonly callId: string | undefined;
  ended: boolean;
};

export type Fragment = Ports & { readonly lastSeen: number };

export type Memory = {
  readonly world: World;
  readonly limits: Limits;
  sysctls: SysctlValues;
  timeouts: Timeouts;
  syncDaemons: readonly SyncDaemon[];
  markRules: readonly MarkRule[];
  /** IPVS's defences, as they stand. */
  /** `thins`: the next sweep thins entries out. */
  readonly defence: { secureTcp: boolean; dropRate: number; thins: boolean; availablePages: number };
  readonly services: Map<string, Service>;
  /** Every destination, those in the trash included, by its service and its own key. */
  readonly destinations: Map<string, Destination>;
  readonly connections: Map<string, Connection>;
  readonly templates: Map<string, Template>;
  /** Templates that were ever made invalid. */
  invalidated: number;
  /** By the tuple of a real server's packet to a client. */
  readonly replies: Map<string, Connection>;
  readonly fragments: Map<string, Fragment>;
  readonly notForwarded: Map<Reason, NotForwardedCount>;
  readonly pressure: {
    halfOpen: number;
    /** drop_packet's count. */
    dropCount: number;
    /** When a connection was last forwarded without an entry. */
    statelessAt: number | undefined;
    icmp: { second: number; sent: number };
  };
};

/**
 * The time in nanoseconds as a number: exact for the first hundred days after boot, which is as long as a model
 * runs.
 */
export function nowOf(memory: Memory): number {
  return Number(memory.world.clock());
}

const nanosecondsPerMillisecond = 1_000_000;

/** When an entry has expired, unless another packet comes: it still lives at that very moment. */
export function deadlineOf({ lastSeen, timeoutMs }: Expiring): number {
  return lastSeen + timeoutMs * nanosecondsPerMillisecond;
}

/** A number that changes about once a second. */
export function stampOf(now: number): number {
  return Math.floor(now / 2 ** 30);
}
