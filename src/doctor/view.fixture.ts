/** A healthy director with two real servers on one segment, for tests that make something of it ill. */

import type { Address, Port } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import type { LocalAddress, LocalInterface, Route } from '../linux/iproute.ts';
import type { Answers } from './probes/server.ts';
import type { DirectorState, DirectorView, Reach, RealServerView, ServerProbe } from './view.ts';

export const vip = '10.0.0.100' as Address;
export const own = '10.0.0.1' as Address;
export const rips = ['10.0.0.11', '10.0.0.12'] as readonly string[] as readonly [Address, Address];
export const macOf = (address: string): string =>
  `02:00:0a:00:00:${Number(address.split('.')[3]).toString(16).padStart(2, '0')}`;

export function held(address: Address, prefix: number, more: Partial<LocalAddress> = {}): LocalAddress {
  return {
    ...{ address, prefix, family: address.includes(':') ? 6 : 4, scope: 'global' },
    ...{ isTentative: false, isDuplicate: false, isDeprecated: false, isSecondary: false, isDynamic: false },
    ...more,
  };
}

export function eth0(...addresses: readonly LocalAddress[]): LocalInterface {
  return {
    ...{ index: 2, name: 'eth0', mac: macOf(own), mtu: 1500, kind: undefined, isUp: true, hasCarrier: true },
    addresses,
  };
}

export function routeTo(destination: Address, more: Partial<Route> = {}): readonly [Address, Route] {
  return [
    destination,
    {
      ...{ destination, type: 'unicast', interface: 'eth0', gateway: undefined, source: own },
      ...{ mtu: undefined, isRedirected: false },
      ...more,
    },
  ];
}

const noCounters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
const noRates = {
  ...{ connectionsPerSecond: 0, inPacketsPerSecond: 0, outPacketsPerSecond: 0 },
  ...{ inBytesPerSecond: 0, outBytesPerSecond: 0 },
};

export function destination(address: Address, more: Partial<DestinationStatus> = {}): DestinationStatus {
  return {
    ...{ address, port: 80 as Port, method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 },
    ...{ activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 },
    ...{ counters: noCounters, rates: noRates },
    ...more,
  };
}

export const service: ServiceStatus & { readonly kind: 'address' } = {
  ...{ kind: 'address', protocol: 'tcp', address: vip, port: 80 as Port, scheduler: 'rr', flags: [] },
  ...{ persistent: 0, netmask: 0xffffffff, onePacket: false, counters: noCounters, rates: noRates },
  destinations: rips.map((rip) => destination(rip)),
};

const answering: Answers = {
  ...{ virtual: 'open', own: 'open', virtualPing: true, ownPing: true, plainPing: false, ipv6Ping: true },
  ...{ tunnelRefused: false, answersThroughUs: false, askedAs: rips[0], bouncedTtl: undefined },
};

export function asked(
  rip: Address,
  answers: Partial<Answers> = {},
  more: Partial<Reach & { kind: 'asked' }> = {},
): ServerProbe {
  return {
    ...{ service, destination: destination(rip) },
    entrance: { protocol: 'tcp', address: vip, port: 80 },
    reach: {
      ...{
        kind: 'asked',
        interface: 'eth0',
        source: own,
        mac: macOf(rip),
        gateway: undefined,
        sendsOn: false,
      },
      target: {
        ...{
          protocol: 'tcp',
          vip,
          rip,
          virtualPort: 80,
          realPort: 80,
          tunnel: undefined,
          isTranslated: false,
        },
      },
      answers: { ...answering, askedAs: rip, ...answers },
      ...more,
    },
  };
}

export function connection(port: number, state: ConnectionStatus['state'], rip = rips[0]): ConnectionStatus {
  return {
    ...{ template: false, protocol: 'tcp', family: 4, state, expiresInSeconds: 60, method: 'gate' },
    client: { address: '10.0.0.250' as Address, port: port as Port },
    virtual: { address: vip, port: 80 as Port },
    destination: { address: rip, port: 80 as Port },
  };
}

export function director(
  more: Partial<Omit<DirectorView, 'kind' | 'state' | 'host'>> = {},
  state: Partial<DirectorState> = {},
  host: Partial<DirectorView['host']> = {},
): DirectorView {
  return {
    kind: 'director',
    host: {
      interfaces: [eth0(held(own, 24), held(vip, 32, { isSecondary: true }))],
      neighbours: [],
      routes: new Map(rips.map((rip) => routeTo(rip))),
      setting: () => undefined,
      ...host,
    },
    state: {
      ...{
        services: [service],
        keptOut: [],
        sysctls: {},
        notForwarded: {},
        markRules: [],
        claims: [],
        connections: [],
      },
      interfaces: [{ index: 2, name: 'eth0', mode: 'auto', hooks: ['tc'] }],
      ...state,
    },
    probes: rips.map((rip) => asked(rip)),
    answerers: [{ vip, interface: 'eth0', macs: [] }],
    ...{ openings: [], hearings: [], merging: new Set<string>(), ages: new Map([[vip, 10_000]]) },
    ...more,
  };
}

export function realServer(
  more: Partial<Omit<RealServerView, 'kind' | 'host'>> = {},
  host: Partial<RealServerView['host']> = {},
): RealServerView {
  const lo: LocalInterface = { ...eth0(held(vip, 32)), index: 1, name: 'lo', mac: undefined };
  const silent: Readonly<Record<string, string>> = {
    'net.ipv4.conf.all.arp_ignore': '1',
    'net.ipv4.conf.all.arp_announce': '2',
    'net.ipv4.tcp_mtu_probing': '0',
  };
  return {
    kind: 'realserver',
    host: {
      interfaces: [lo, eth0(held(rips[0], 24))],
      ...{ neighbours: [], routes: new Map(), setting: (name: string) => silent[name] },
      ...host,
    },
    ...{
      vips: [vip],
      isolated: new Set(),
      services: [],
      sockets: [],
      reversePathDrops: 0,
      holders: new Map(),
    },
    listeners: [{ protocol: 'tcp', isIpv6: true, address: undefined, port: 80 }],
    ...more,
  };
}
