/**
 * The examination from a director: what it has configured, where it stands, and what its real servers answer.
 * Acts in the calling process's network namespace and needs root.
 */

import { type Address, familyOf } from '../ipvs/address.ts';
import type { DestinationStatus, ServiceStatus } from '../ipvs/service.ts';
import { holdPort } from '../linux/held-port.ts';
import { type LocalInterface, localInterfaces, neighbours, routesTo } from '../linux/iproute.ts';
import { judge } from './findings.ts';
import { answerers, resolve } from './probes/neighbour.ts';
import { type Network, openNetwork } from './probes/network.ts';
import { probeServer, type Target } from './probes/server.ts';
import { remarksOf } from './remarks.ts';
import type { Report } from './report.ts';
import { askersFor, sourceFor } from './segments.ts';
import { setting } from './settings.ts';
import type { Answerers, DirectorState, DirectorView, HostView, Reach, ServerProbe } from './view.ts';

/** So many real servers are asked at the same time. */
const atOnce = 128;

export async function examineDirector(state: DirectorState): Promise<Report> {
  const view = await viewOf(state);
  const vips = addressesOf(state);
  return { place: 'director', vips, findings: judge(view), remarks: remarksOf(view) };
}

async function viewOf(state: DirectorState): Promise<DirectorView> {
  const servers = state.services.flatMap(({ destinations }) => destinations.map(({ address }) => address));
  const interfaces = await localInterfaces();
  const routes = await routesTo([...new Set(servers)]);
  const before: HostView = { interfaces, neighbours: await neighbours(), routes, setting };
  const held = holdPort();
  try {
    const network = openNetwork(
      interfaces.filter(({ isUp }) => isUp),
      held.port,
    );
    try {
      const asking = { network, host: before, vips: new Set(addressesOf(state)), port: held.port };
      const [answered, probes] = await Promise.all([askForAddresses(asking), askServers(asking, state)]);
      // What the questions have taught the kernel belongs to the view.
      const host = { ...before, neighbours: await neighbours() };
      return { kind: 'director', host, state, probes, answerers: answered };
    } finally {
      network.close();
    }
  } finally {
    held.close();
  }
}

type Asking = {
  readonly network: Network;
  readonly host: HostView;
  readonly vips: ReadonlySet<Address>;
  readonly port: number;
};

function addressesOf({ services }: DirectorState): readonly Address[] {
  return [...new Set(services.flatMap((service) => (service.kind === 'address' ? [service.address] : [])))];
}

async function askForAddresses({ network, host, vips }: Asking): Promise<readonly Answerers[]> {
  const own = new Set(host.interfaces.flatMap(({ mac }) => mac ?? []));
  const questions = [...vips].flatMap((vip) =>
    askersFor(host.interfaces, vip, vips).map((asker) => ({ vip, asker })),
  );
  return await Promise.all(
    questions.map(async ({ vip, asker }) => {
      const macs = await answerers(network, asker, vip);
      return { vip, interface: asker.interface, macs: macs.filter((mac) => !own.has(mac)) };
    }),
  );
}

async function askServers(asking: Asking, { services }: DirectorState): Promise<readonly ServerProbe[]> {
  const pairs = services.flatMap((service) =>
    service.destinations.map((destination) => ({ service, destination })),
  );
  const probes: ServerProbe[] = [];
  for (let at = 0; at < pairs.length; at += atOnce) {
    const some = pairs.slice(at, at + atOnce);
    const reached = some.map(async ({ service, destination }, index) => ({
      service,
      destination,
      reach: await reach(asking, service, destination, at + index),
    }));
    probes.push(...(await Promise.all(reached)));
  }
  return probes;
}

async function reach(
  { network, host, vips, port }: Asking,
  service: ServiceStatus,
  destination: DestinationStatus,
  id: number,
): Promise<Reach> {
  const route = host.routes.get(destination.address);
  if (isOwn(host.interfaces, destination.address) || route?.type === 'local') return { kind: 'local' };
  const device = host.interfaces.find(({ name }) => name === route?.interface);
  if (!route || !device || route.type !== 'unicast') return { kind: 'no-route' };
  const { name, mac } = device;
  if (mac === undefined) return { kind: 'unknown', why: `${name} is not an Ethernet interface` };
  if (service.kind === 'mark')
    return { kind: 'unknown', why: 'a service by firewall mark has no address of its own' };
  const nextHop = route.gateway ?? destination.address;
  const source = sourceFor(host.interfaces, device, route, vips);
  const inner =
    familyOf(service.address) === familyOf(destination.address) ? source : sourceOf(host, service, vips);
  if (!source || !inner) return { kind: 'unknown', why: `no address of this host's own on ${name}` };
  const nextHopMac = await resolve(network, { interface: name, mac, address: source }, nextHop);
  if (!nextHopMac) return { kind: 'dead', interface: name, gateway: route.gateway };
  const target = targetOf(service, destination);
  const way = { interface: name, mac, nextHopMac, source, innerSource: inner };
  const answers = await probeServer(network, way, target, port, id);
  return { kind: 'asked', interface: name, source, mac: nextHopMac, gateway: route.gateway, target, answers };
}

/** An address of the virtual one's family, where that is another than the real server's. */
function sourceOf(host: HostView, service: ServiceStatus, vips: ReadonlySet<Address>): Address | undefined {
  if (service.kind !== 'address') return undefined;
  const family = familyOf(service.address);
  return host.interfaces
    .flatMap(({ addresses }) => addresses)
    .find((own) => own.family === family && own.scope === 'global' && !vips.has(own.address))?.address;
}

function targetOf(service: ServiceStatus & { kind: 'address' }, destination: DestinationStatus): Target {
  const isTranslated = destination.method === 'masq';
  // An SCTP service is known by whether its host is there: a bare INIT is not sent.
  const port = service.protocol === 'sctp' ? 0 : service.port;
  return {
    protocol: service.protocol,
    vip: service.address,
    rip: destination.address,
    virtualPort: port,
    realPort: service.protocol === 'sctp' ? 0 : isTranslated ? destination.port || port : port,
    tunnel: destination.method === 'ipip' ? (destination.tunnel ?? plainTunnel) : undefined,
    isTranslated,
  };
}

const plainTunnel = { type: 'ipip', port: 0, checksum: 'nocsum' } as const;

function isOwn(interfaces: readonly LocalInterface[], address: Address): boolean {
  return interfaces.some(({ addresses }) => addresses.some((own) => own.address === address));
}
