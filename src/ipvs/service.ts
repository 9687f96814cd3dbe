/**
 * Virtual services and their real servers ("destinations" in IPVS), as plain data.
 *
 * Vocabulary and identity rules follow ipvsadm(8): a virtual service is known by protocol, address and
 * port, or by firewall mark and family; a real server, within its service, by address and port.
 */

import { type Address, endpointText, type Family, familyOf, type Port, parseEndpoint } from './address.ts';
import type { Scheduler, SchedulerFlag } from './schedulers.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';
export const protocols: readonly Protocol[] = ['tcp', 'udp', 'sctp'];

/** How packets reach the real server: direct routing (`-g`), a tunnel (`-i`), address translation (`-m`). */
export type ForwardingMethod = 'gate' | 'ipip' | 'masq';
export const forwardingMethods: readonly ForwardingMethod[] = ['gate', 'ipip', 'masq'];

/** A service by what packets are addressed to. Port 0 is every port. */
export type AddressKey = {
  readonly kind: 'address';
  readonly protocol: Protocol;
  readonly address: Address;
  readonly port: Port;
};

/** A service by firewall mark, 1..4294967295. Marks of the two families are different services. */
export type MarkKey = { readonly kind: 'mark'; readonly mark: number; readonly family: Family };

export type ServiceKey = AddressKey | MarkKey;

export type ServiceSettings = {
  readonly scheduler: Scheduler;
  readonly flags: readonly SchedulerFlag[];
  /** Seconds a persistence template lives (`-p`), 1..2678400; 0: not persistent. */
  readonly persistent: number;
  /** Of the client addresses that persistence takes for one (`-M`): IPv4 a 32-bit mask, IPv6 a prefix length. */
  readonly netmask: number;
  /** The persistence engine (`--pe`). */
  readonly engine?: 'sip';
  /** Each datagram is scheduled by itself (`-o`). */
  readonly onePacket: boolean;
};

export type Service = ServiceKey & ServiceSettings;

export type TunnelType = 'ipip' | 'gue' | 'gre';
export const tunnelTypes: readonly TunnelType[] = ['ipip', 'gue', 'gre'];
export type TunnelChecksum = 'nocsum' | 'csum' | 'remcsum';
export const tunnelChecksums: readonly TunnelChecksum[] = ['nocsum', 'csum', 'remcsum'];

/** How a tunnelled packet is wrapped. `port` is GUE's destination port, 0 for the others. */
export type Tunnel = {
  readonly type: TunnelType;
  readonly port: number;
  readonly checksum: TunnelChecksum;
};

export type DestinationKey = { readonly address: Address; readonly port: Port };

export type DestinationSettings = {
  readonly method: ForwardingMethod;
  /** 0..2147483647; 0 quiesces: existing connections stay, no new ones arrive. */
  readonly weight: number;
  /** At so many connections no new ones arrive (`-x`), until there are fewer than `lowerThreshold` (`-y`). 0: none. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  /** There exactly where the method is `ipip`. */
  readonly tunnel?: Tunnel;
};

export type Destination = DestinationKey & DestinationSettings;

/** What `--stats` shows. Bytes are IP total lengths, without link-layer headers. */
export type Counters = {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
};

export const counterNames = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;

/** What `--rate` shows, per second, rounded as IPVS rounds. */
export type Rates = {
  readonly connectionsPerSecond: number;
  readonly inPacketsPerSecond: number;
  readonly outPacketsPerSecond: number;
  readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number;
};

export type DestinationCounts = {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  /** Persistence templates. */
  readonly persistentConnections: number;
};

export type DestinationStatus = Destination &
  DestinationCounts & {
    readonly counters: Counters;
    readonly rates: Rates;
  };

/** A service and its real servers, the newest first, without what happens to them. */
export type ServiceConfiguration = Service & { readonly destinations: readonly Destination[] };

/** A service as it stands. `destinations` are in scheduling order: the newest real server first. */
export type ServiceStatus = Service & {
  readonly counters: Counters;
  readonly rates: Rates;
  readonly destinations: readonly DestinationStatus[];
};

export const maxWeight = 0x7fffffff;
export const maxThreshold = 0x7fffffff;
export const maxMark = 0xffffffff;

/** What `-M` means by default: every client address is one of its own. */
export function fullNetmask(family: Family): number {
  return family === 4 ? 0xffffffff : 128;
}

export function serviceFamily(key: ServiceKey): Family {
  return key.kind === 'mark' ? key.family : familyOf(key.address);
}

/** The key alone, of something that has it among other things. */
export function serviceKeyOf(service: ServiceKey): ServiceKey {
  if (service.kind === 'mark') return { kind: 'mark', mark: service.mark, family: service.family };
  const { protocol, address, port } = service;
  return { kind: 'address', protocol, address, port };
}

/** `tcp:10.0.0.1:80`, `udp:[fd00::1]:53`, `mark:7`, `mark6:7`: a service's identity as text, for maps and URLs. */
export function serviceKeyText(key: ServiceKey): string {
  if (key.kind === 'mark') return `${key.family === 6 ? 'mark6' : 'mark'}:${key.mark}`;
  return `${key.protocol}:${endpointText(key.address, key.port)}`;
}

/** What `serviceKeyText` writes, read again; `undefined` for anything else. */
export function parseServiceKeyText(text: string): ServiceKey | undefined {
  const mark = /^mark(6?):([1-9]\d{0,9})$/.exec(text);
  if (mark) {
    const value = Number(mark[2]);
    return value > maxMark ? undefined : { kind: 'mark', mark: value, family: mark[1] ? 6 : 4 };
  }
  const colon = text.indexOf(':');
  const protocol = protocols.find((known) => known === text.slice(0, colon));
  const endpoint = parseEndpoint(text.slice(colon + 1));
  return protocol && endpoint && { kind: 'address', protocol, ...endpoint };
}

/**
 * Connections of a real server that a client may still use. Of TCP and SCTP a connection is open while it is active. Of
 * UDP, and of marks, which may be of any protocol, nobody knows: it is until it is gone.
 */
export function openConnections(
  service: ServiceKey,
  { activeConnections, inactiveConnections }: Omit<DestinationCounts, 'persistentConnections'>,
): number {
  return activeConnections + (tellsItsEnd(service) ? 0 : inactiveConnections);
}

/** Whether the protocol says when a connection has ended. */
export function tellsItsEnd(service: ServiceKey): boolean {
  return service.kind === 'address' && service.protocol !== 'udp';
}

/** `10.0.0.11:80`, `[fd00::11]:80`: a real server's identity within its service. */
export function destinationKeyText(key: DestinationKey): string {
  return endpointText(key.address, key.port);
}

/** Whether packets are treated alike, whatever the keys are. */
export function sameDestinationSettings(a: DestinationSettings, b: DestinationSettings): boolean {
  return a.weight === b.weight && sameForwarding(a, b);
}

/** The same, whatever share they get. */
export function sameForwarding(
  a: Omit<DestinationSettings, 'weight'>,
  b: Omit<DestinationSettings, 'weight'>,
): boolean {
  return (
    a.method === b.method &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    a.tunnel?.type === b.tunnel?.type &&
    a.tunnel?.port === b.tunnel?.port &&
    a.tunnel?.checksum === b.tunnel?.checksum
  );
}
