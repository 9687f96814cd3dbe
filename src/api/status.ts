/** What a director says of itself, and of the packets it did not forward. */

import type { AddressClaim } from '../ipvs/claim.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import type { NeighbourState } from '../ipvs/neighbour.ts';
import type { Counters, DestinationCounts, Rates } from '../ipvs/service.ts';
import type { SysctlName } from '../ipvs/sysctl.ts';

/** The last packet of a reason. */
export type PacketExample = {
  readonly secondsAgo: number;
  /** The IP protocol's number. */
  readonly protocol: number;
  /** `10.0.0.1:1234`, `[fd00::1]:1234` */
  readonly client: string;
  readonly virtual: string;
  /** Name of the interface it came in by, while there is one. */
  readonly interface?: string;
  readonly bytes: number;
};

/** By reason (ipvs/reasons.ts). */
export type NotForwardedStatus = Readonly<
  Record<
    string,
    {
      readonly packets: number;
      /** Estimated as IPVS estimates its rates, over about eight seconds. */
      readonly perSecond: number;
      readonly example?: PacketExample;
    }
  >
>;

export type ConnectionTableStatus = {
  readonly count: number;
  readonly limit: number;
  readonly halfOpen: number;
  readonly halfOpenLimit: number;
  /** Whether connections have just been forwarded without an entry, for want of room. */
  readonly stateless: boolean;
};

export type DirectorStatus = {
  readonly version: string;
  readonly pid: number;
  /** The ETag of the configuration. */
  readonly configuration: string;
  /** SHA-256 of the BPF object that the daemon loads from, in hexadecimal. */
  readonly object: string;
  /** Whether systemd, or one like it, looks after the daemon. */
  readonly isSupervised: boolean;
  /** The path of the file that it applied at its start and reads again when it is told to; left out where there is none. */
  readonly configurationFile?: string;
  /** Inode of the network namespace this director serves. */
  readonly namespace: number;
  readonly interfaces: readonly InterfaceStatus[];
  readonly services: number;
  readonly markRules: number;
  /** Those that are not at their default. */
  readonly sysctls: Readonly<Partial<Record<SysctlName, number>>>;
  readonly connections: ConnectionTableStatus;
  readonly notForwarded: NotForwardedStatus;
  /** Other hosts that have claimed a virtual address, the latest first. */
  readonly claims: readonly AddressClaim[];
};

/** A service at a glance, with what all its real servers have. */
export type ServiceSummary = DestinationCounts & {
  /** Its name in the API: `tcp:192.0.2.10:80`, `mark:7`. */
  readonly service: string;
  readonly scheduler: string;
  readonly servers: number;
  /** Those that get new connections: their weight is above 0. */
  readonly available: number;
  readonly counters: Counters;
  readonly rates: Rates;
};

/** A real server as the kernel knows it on its segment. */
export type NeighbourStatus = {
  readonly address: string;
  readonly interface: string;
  readonly state: NeighbourState;
  /** Where one is known. */
  readonly mac?: string;
};
