/** What the doctor knows when it judges: plain data, gathered before. Findings are pure functions of it. */

import type { Address } from '../ipvs/address.ts';
import type { AddressClaim } from '../ipvs/claim.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import type { SysctlName } from '../ipvs/sysctl.ts';
import type { LocalInterface, Neighbour, Route } from '../linux/iproute.ts';
import type { Listener, TcpSocket } from '../linux/tcp-sockets.ts';
import type { Entrance } from './entrances.ts';
import type { LocalFate } from './probes/local.ts';
import type { Opening } from './probes/openings.ts';
import type { Hearing } from './probes/segment.ts';
import type { Answers, Target } from './probes/server.ts';

/** This machine, or rather the network namespace the doctor was called in. */
export type HostView = {
  readonly interfaces: readonly LocalInterface[];
  readonly neighbours: readonly Neighbour[];
  /** By destination, of those that were asked for. */
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
      readonly example?: { readonly client: string; readonly virtual: string; readonly secondsAgo?: number };
    }
  >
>;

/** A real server that is wanted in a service and that its health checks keep out of it, or at weight 0. */
export type KeptOut = {
  readonly service: ServiceStatus;
  /** As it is wanted. */
  readonly destination: DestinationStatus;
  /** What its checks say: `web: timeout: …`. */
  readonly reason: string;
};

/** What the director says of itself. */
export type DirectorState = {
  readonly services: readonly ServiceStatus[];
  readonly keptOut: readonly KeptOut[];
  readonly interfaces: readonly InterfaceStatus[];
  readonly sysctls: Readonly<Partial<Record<SysctlName, number>>>;
  readonly notForwarded: NotForwarded;
  /** What gives packets the marks of services. */
  readonly markRules: readonly MarkRule[];
  /** Who else has claimed a virtual address, by the ARP watch. */
  readonly claims: readonly AddressClaim[];
  /** Not more than the doctor has patience for. */
  readonly connections: readonly ConnectionStatus[];
};

/** A real server of a service, and what it answered. */
export type ServerProbe = {
  readonly service: ServiceStatus;
  readonly destination: DestinationStatus;
  /** Why its health checks keep it out; `undefined` where they do not. */
  readonly keptOut?: string;
  /** What was asked for; `undefined` where nobody knows how clients come in. */
  readonly entrance: Entrance | undefined;
  /** How it was reached, or why not. */
  readonly reach: Reach;
};

export type Reach =
  /** This host itself; how its own service answers at the virtual address. */
  | { readonly kind: 'local'; readonly fate: LocalFate }
  /** There is no route to it. */
  | { readonly kind: 'no-route' }
  /** By an interface that is not Ethernet, or without an address of ours: nothing can be said. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Nobody answers for it; `gateway` where that is who should. */
  | { readonly kind: 'dead'; readonly interface: string; readonly gateway: Address | undefined }
  /** It answers ARP, but only where it is not asked in the name of an address of this host's. */
  | { readonly kind: 'deaf'; readonly interface: string; readonly source: Address; readonly mac: string }
  | {
      readonly kind: 'asked';
      readonly interface: string;
      readonly source: Address;
      readonly mac: string;
      /** The router between, where it is not on a segment of ours. */
      readonly gateway: Address | undefined;
      readonly target: Target;
      readonly answers: Answers;
      /** SYNs that were sent to it came back by it. */
      readonly sendsOn: boolean;
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
  /** Connections that clients opened while the others were asked. */
  readonly openings: readonly Opening[];
  /** Neighbours that were asked in the name of a virtual address that is here. */
  readonly hearings: readonly Hearing[];
  /** Interfaces whose card merges packets on their way in (large receive offload). */
  readonly merging: ReadonlySet<string>;
  /** For how many seconds this host has had its addresses. */
  readonly ages: ReadonlyMap<Address, number>;
};

export type RealServerView = {
  readonly kind: 'realserver';
  readonly host: HostView;
  /** The virtual addresses it has, or should have. */
  readonly vips: readonly Address[];
  /** Of these, those that rules or a program of its own keep out of ARP, questions and answers alike. */
  readonly isolated: ReadonlySet<Address>;
  /** Services that are expected here, where somebody has said which. */
  readonly services: readonly ExpectedService[];
  readonly listeners: readonly Listener[];
  readonly sockets: readonly TcpSocket[];
  /** Packets dropped by reverse path filtering since the machine started. */
  readonly reversePathDrops: number;
  /** Who holds the virtual addresses, and the gateways: by ARP, asked by this host. */
  readonly holders: ReadonlyMap<Address, readonly string[]>;
};

export type ExpectedService = {
  readonly protocol: 'tcp' | 'udp';
  readonly vip: Address;
  readonly port: number;
};

export type ClientView = {
  readonly kind: 'client';
  readonly host: HostView;
  readonly vips: readonly Address[];
  /** Somebody has said that they are virtual; else they are whatever neighbours there are. */
  readonly isNamed: boolean;
  /** Who answers for those that are on a segment of this host's. */
  readonly holders: ReadonlyMap<Address, readonly string[]>;
};

export type View = DirectorView | RealServerView | ClientView;
