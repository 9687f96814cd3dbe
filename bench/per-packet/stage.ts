/** The director under test, as its daemon loads it, on the wire of the packet tests. */

import { fileURLToPath } from 'node:url';
import { countersIn, noCounts, readTotals, type Totals } from '../../src/dataplane/bpf/codec/counts.ts';
import { type BpfDataPlane, openBpfDataPlane } from '../../src/dataplane/bpf/dataplane.ts';
import type { DirectorMaps } from '../../src/dataplane/bpf/director-maps.ts';
import { directorPlace } from '../../src/dataplane/bpf/place.ts';
import { type Address, addressFromBytes, addressToBytes, type Port } from '../../src/ipvs/address.ts';
import { type DestinationSettings, fullNetmask, type ServiceSettings } from '../../src/ipvs/service.ts';
import { queryTc, queryXdp } from '../../src/linux/bpf-hook.ts';
import { programById } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { listLinks } from '../../src/linux/links.ts';
import { heldMaps } from '../../test/support/held-maps.ts';
import { createWire } from '../../test/support/wire.ts';
import {
  ends,
  type Family,
  firstPort,
  type Hook,
  openTraffic,
  servicesOfAddress,
  type TrafficSource,
} from './traffic.ts';

export type Stage = {
  /** Of eth0. */
  readonly ifindex: number;
  readonly traffic: TrafficSource;
  readonly plane: BpfDataPlane;
  readonly maps: () => DirectorMaps;
  /** Another daemon takes over. */
  restart(): void;
  /** The director's program at a hook of eth0. */
  program(hook: Hook): Fd;
  /** Runs a synchronous action in the namespace of the director: programs are run there. */
  inside<T>(action: () => T): T;
  /** So many services with so many real servers each, all behind one router. */
  configure(configuration: Configuration): void;
  /** By all real servers. */
  counted(): Counted;
  /** Connections in this state are over at once, so that a sweep takes them out. */
  forget(state: number): void;
  remove(): void;
};

export type Counted = { readonly packets: number; readonly connections: number };

export type Configuration = {
  readonly family: Family;
  readonly services: number;
  readonly servers: number;
  readonly service: Partial<ServiceSettings>;
  readonly server: Partial<DestinationSettings>;
};

const objectPath = fileURLToPath(new URL('../../bpf/director.bpf.o', import.meta.url));
const device = 'eth0';
const places: Readonly<Record<Family, readonly string[]>> = {
  4: ['route add local 10.32.0.0/12 dev lo', 'route add 10.64.0.0/10 via 10.0.0.11 dev eth0'],
  6: ['route add local fd18::/16 dev lo', 'route add fd64::/16 via fd00::b dev eth0'],
};
const firstServer: Readonly<Record<Family, Address>> = { 4: '10.64.0.1' as Address, 6: 'fd64::1' as Address };

/** `connections` entries fit into the table. */
export function openStage(connections: number): Stage {
  const wire = createWire();
  for (const words of Object.values(places).flat()) wire.ip(words);
  const { index, mac } =
    wire.inside(() => listLinks()).find(({ name }) => name === device) ?? missing(device);
  const { inside } = wire;
  const open = (): BpfDataPlane => inside(() => openBpfDataPlane(objectPath, { connections, inside }));
  let plane = open();
  let servers = 0;
  wire.inside(() => plane.setHookMode(device, 'xdp'));
  const traffic = openTraffic(index, mac);
  const held = heldMaps(wire);
  const programs = wire.inside(() => ({
    tc: programById(queryTc(index, directorPlace) ?? 0) ?? missing('TC program'),
    xdp: programById(queryXdp(index) ?? 0) ?? missing('XDP program'),
  }));
  return {
    ifindex: index,
    traffic,
    get plane() {
      return plane;
    },
    maps: held.maps,
    restart() {
      plane.close();
      plane = open();
    },
    program: (hook) => programs[hook],
    inside,
    configure(configuration) {
      plane.batch(() => configure(plane, configuration));
      servers = configuration.services * configuration.servers;
    },
    counted: () =>
      countedIn(readTotals(held.maps().destinationCounts, [{ first: 0, end: servers + 1 }]), servers),
    forget(state) {
      const settings = held.maps().settings.get(0);
      const tcpTimeoutMs = settings.tcpTimeoutMs.with(state, 1);
      held.maps().settings.set(0, { ...settings, tcpTimeoutMs });
    },
    remove() {
      traffic.close();
      held.close();
      plane.close();
      wire.remove();
    },
  };
}

function configure(plane: BpfDataPlane, configuration: Configuration): void {
  const { family, services, servers } = configuration;
  const usual = {
    scheduler: 'rr',
    flags: [],
    persistent: 0,
    netmask: fullNetmask(family),
    onePacket: false,
  } as const;
  for (let number = 0; number < services; number++) {
    const address = further(ends[family].vip as Address, Math.floor(number / servicesOfAddress));
    const port = (firstPort + (number % servicesOfAddress)) as Port;
    const key = { kind: 'address', protocol: 'tcp', address, port } as const;
    plane.addService({ ...key, ...usual, ...configuration.service });
    for (let server = 0; server < servers; server++) {
      const place = { address: further(firstServer[family], number * servers + server), port };
      const settings = { method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
      plane.addDestination(key, { ...place, ...settings, ...configuration.server });
    }
  }
}

function countedIn(totals: Totals, servers: number): Counted {
  let [packets, connections] = [0, 0];
  for (let slot = 1; slot <= servers; slot++) {
    const counters = countersIn(totals, slot, noCounts);
    packets += counters.inPackets;
    connections += counters.connections;
  }
  return { packets, connections };
}

/** The address so many behind another one. */
function further(address: Address, by: number): Address {
  const bytes = addressToBytes(address).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(bytes.length - 4, view.getUint32(bytes.length - 4) + by);
  return addressFromBytes(bytes);
}

function missing(what: string): never {
  throw new Error(`no ${what}`);
}
