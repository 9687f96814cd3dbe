/** What the doctor knows when it judges: plain data, gathered before. Findings are pure functions of it. */

import type { Address } from '../ipvs/address.ts';
import type { AddressClaim } from '../ipvs/claim.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import type { SysctlName } from '../ipvs/sysctl.ts';
import type { LocalInterface, Neighbour, Route } from '../linux/iproute.ts';
import type { Answers, Target } from './probes/server.ts';

/** This machine, or rather the network namespace the doctor was called in. */
export type HostView = {
  readonly interfaces: readonly LocalInterface[];
  readonly neighbours: readonly Neighbour[];
  /** By destination: real servers, and clients that were seen. */
  readonly routes: ReadonlyMap<Address, Route>;
  /** `net.ipv4.conf.all.rp_filter`; `undefined` where this kernel has no such setting. */
  readonly setting: (name: string) => string | undefined;
};

type NotForwarded = Readonly<
  Record<
    string,
    {
      readonly packets: number;
      readonly perSecond: number;
      readonly example?: { readonly client: string; readonly virtual: string; readonly interface?: string };
    }
  >
>;

/** What the director says of itself. */
export type DirectorState = {
  readonly services: readonly ServiceStatus[];
  readonly interfaces: readonly InterfaceStatus[];
  readonly sysctls: Readonly<Partial<Record<SysctlName, number>>>;
  readonly notForwarded: NotForwarded;
  /** Who else has claimed a virtual address, by the ARP watch. */
  readonly claims: readonly AddressClaim[];
  /** Not more than the doctor has patience for. */
  readonly connections: readonly ConnectionStatus[];
};

/** A real server of a service, and what it answered. */
export type ServerProbe = {
  readonly service: ServiceStatus;
  readonly destination: DestinationStatus;
  /** How it was reached, or why not. */
  readonly reach: Reach;
};

export type Reach =
  /** This host itself. */
  | { readonly kind: 'local' }
  /** There is no route to it. */
  | { readonly kind: 'no-route' }
  /** By an interface that is not Ethernet, or without an address of ours: nothing can be said. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Nobody answers for it; `gateway` where that is who should. */
  | { readonly kind: 'dead'; readonly interface: string; readonly gateway: Address | undefined }
  | {
      readonly kind: 'asked';
      readonly interface: string;
      readonly source: Address;
      readonly mac: string;
      /** The router between, where it is not on a segment of ours. */
      readonly gateway: Address | undefined;
      readonly target: Target;
      readonly answers: Answers;
    };

/** Who says that it has a virtual address, on a segment of ours. */
export type Answerers = {
  readonly vip: Address;
  readonly interface: string;
  /** Others' MACs. */
  readonly macs: readonly string[];
};

export type DirectorView = {
  readonly kind: 'director';
  readonly host: HostView;
  readonly state: DirectorState;
  readonly probes: readonly ServerProbe[];
  readonly answerers: readonly Answerers[];
};
