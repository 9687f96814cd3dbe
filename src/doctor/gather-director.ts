/**
 * The view from a director: what it has configured, where it stands, and what its real servers and its segment
 * answer. Acts in the calling process's network namespace and needs root.
 */

import { type Address, familyOf, isUnicast } from '../ipvs/address.ts';
import type { DestinationStatus } from '../ipvs/service.ts';
import { addressAges } from '../linux/addresses.ts';
import { holdPort } from '../linux/held-port.ts';
import { localInterfaces, neighbours, type Route, routesTo } from '../linux/iproute.ts';
import { mergesOnReceive } from '../linux/offloads.ts';
import { type Entrance, entrancesOf, virtualAddressesOf } from './entrances.ts';
import { askLocal } from './probes/local.ts';
import { answerers, resolve, resolveNamelessly } from './probes/neighbour.ts';
import { type Network, openNetwork } from './probes/network.ts';
import { type Opening, tapOpenings } from './probes/openings.ts';
import { freeAddress, type Hearing, hear, type Neighbouring, sweep } from './probes/segment.ts';
import { probeServer, type Target } from './probes/server.ts';
import { askersFor, interfaceOf, sourceFor } from './segments.ts';
import { setting } from './settings.ts';
import type { Answerers, DirectorState, DirectorView, HostView, Reach, ServerProbe } from './view.ts';

/** So many real servers are asked at the same time. */
const atOnce = 128;
/** From so many more ports SYNs are sent, which another director would give to several real servers. */
const extraPorts = 2;
/** So many neighbours are asked whether they hear the virtual address. */
const mostNeighbours = 64;
/** A virtual address that has come so lately may still be another host's to its neighbours. */
const youngSeconds = 3600;

/** What every question needs. */
type Asking = {
  readonly network: Network;
  readonly host: HostView;
  readonly vips: ReadonlySet<Address>;
  readonly port: number;
  readonly extraPorts: readonly number[];
};

export async function viewOfDirector(state: DirectorState): Promise<DirectorView> {
  const servers = state.services.flatMap(({ destinations }) => destinations.map(({ address }) => address));
  const interfaces = await localInterfaces();
  const routes = await routesTo([...new Set(servers)]);
  const before: HostView = { interfaces, neighbours: await neighbours(), routes, setting };
  const up = interfaces.filter(({ isUp }) => isUp);
  const vips = new Set(virtualAddressesOf(state));
  const held = Array.from({ length: 1 + extraPorts }, holdPort);
  const [port = 0, ...others] = held.map((one) => one.port);
  try {
    const network = openNetwork(up, port);
    const tap = tapOpenings(up, vips);
    try {
      const asking = { network, host: before, vips, port, extraPorts: others };
      const [answered, probes, hearings] = await Promise.all([
        askForAddresses(asking),
        askServers(asking, state),
        askNeighbours(asking, servers),
      ]);
      const heard = ownAndOthers(tap.close(), before, [port, ...others]);
      // What the questions have taught the kernel belongs to the view.
      const host = { ...before, neighbours: await neighbours() };
      return {
        ...{ kind: 'director', host, state, hearings },
        ...{ answerers: answered, openings: heard.others, ages: addressAges() },
        merging: new Set(up.map(({ name }) => name).filter((name) => mergesOnReceive(name))),
        probes: probes.map((probe) => withReturned(probe, heard.ours)),
      };
    } finally {
      tap.close();
      network.close();
    }
  } finally {
    for (const one of held) one.close();
  }
}

/** Of the SYNs that arrived: those of this doctor's own that came back, and those of clients. */
function ownAndOthers(openings: readonly Opening[], host: HostView, ports: readonly number[]) {
  const isOurs = ({ client, clientPort }: Opening): boolean =>
    ports.includes(clientPort) && isOwn(host, client);
  return { ours: openings.filter(isOurs), others: openings.filter((opening) => !isOurs(opening)) };
}

function withReturned(probe: ServerProbe, returned: readonly Opening[]): ServerProbe {
  const { reach } = probe;
  // What a router has sent back says nothing of the real server behind it, nor of what is in a tunnel.
  if (reach.kind !== 'asked' || reach.gateway !== undefined || reach.target.tunnel) return probe;
  const { target, mac, answers } = reach;
  const sendsOn = returned.some(
    (one) => one.mac === mac && one.vip === target.vip && one.port === target.virtualPort,
  );
  if (!sendsOn) return probe;
  const virtual = answers.virtual === 'silent' ? 'bounced' : answers.virtual;
  return { ...probe, reach: { ...reach, sendsOn, answers: { ...answers, virtual } } };
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

/** Who shares a segment with a virtual address that is here, real servers excepted: they hold it themselves. */
async function askNeighbours(asking: Asking, servers: readonly Address[]): Promise<readonly Hearing[]> {
  const { network, host, vips, extraPorts } = asking;
  // A number for pings that real servers' do not have.
  const [pingPort = 0] = extraPorts;
  const ages = addressAges();
  const serverMacs = new Set(
    host.neighbours.flatMap(({ address, mac }) => (servers.includes(address) && mac ? [mac] : [])),
  );
  const here = [...vips].filter((vip) => ages.has(vip));
  const asked = here.map(async (vip) => {
    const [asker] = askersFor(host.interfaces, vip, vips);
    const device = host.interfaces.find(({ name }) => name === asker?.interface);
    if (!asker || !device) return [];
    const isYoung = (ages.get(vip) ?? 0) < youngSeconds;
    const known = host.neighbours.flatMap(({ address, mac, interface: name }): readonly Neighbouring[] =>
      mac !== undefined && name === asker.interface ? [{ address, mac }] : [],
    );
    const others = [...known, ...(isYoung ? await sweep(network, asker, device) : [])].filter(
      ({ address, mac }) =>
        familyOf(address) === familyOf(vip) &&
        isUnicast(address) &&
        !servers.includes(address) &&
        !serverMacs.has(mac) &&
        !vips.has(address),
    );
    const each = [...new Map(others.map((one) => [one.address, one])).values()].slice(0, mostNeighbours);
    const base = here.indexOf(vip) * mostNeighbours;
    return await Promise.all(
      each.map((one, at) => hear(network, asker, one, vip, { port: pingPort, number: base + at })),
    );
  });
  return (await Promise.all(asked)).flat();
}

async function askServers(asking: Asking, state: DirectorState): Promise<readonly ServerProbe[]> {
  const pairs = state.services.flatMap((service) => {
    const entrances = entrancesOf(service, state);
    return (entrances.length > 0 ? entrances : [undefined]).flatMap((entrance) =>
      service.destinations.map((destination) => ({ service, destination, entrance })),
    );
  });
  const strangers = await strangersFor(asking);
  const probes: ServerProbe[] = [];
  for (let at = 0; at < pairs.length; at += atOnce) {
    const some = pairs.slice(at, at + atOnce).map(async (pair, index) => ({
      ...pair,
      reach: await reachOf(asking, { ...pair, strangers, id: at + index }),
    }));
    probes.push(...(await Promise.all(some)));
  }
  return probes;
}

/** An address that nobody has, by interface and family. */
type Strangers = ReadonlyMap<string, Address>;

async function strangersFor({ network, host, vips }: Asking): Promise<Strangers> {
  const taken = new Set([...vips, ...host.neighbours.map(({ address }) => address)]);
  const used = new Set([...host.routes.values()].map((route) => route.interface));
  const questions = host.interfaces
    .filter(({ name, isUp }) => isUp && used.has(name))
    .flatMap((device) => ([4, 6] as const).map((family) => ({ device, family })));
  const found = await Promise.all(
    questions.map(async ({ device, family }) => {
      const asker = interfaceOf(device, family, vips);
      const free = asker && (await freeAddress(network, asker, device, taken));
      return free ? ([[`${device.name}/${family}`, free]] as const) : [];
    }),
  );
  return new Map(found.flat());
}

type Question = {
  readonly destination: DestinationStatus;
  readonly entrance: Entrance | undefined;
  readonly strangers: Strangers;
  readonly id: number;
};

async function reachOf(asking: Asking, question: Question): Promise<Reach> {
  const { host, vips } = asking;
  const { destination, entrance } = question;
  const route = host.routes.get(destination.address);
  if (route?.type === 'local' || isOwn(host, destination.address)) return await localReach(host, entrance);
  const device = host.interfaces.find(({ name }) => name === route?.interface);
  if (!route || !device || route.type !== 'unicast') return { kind: 'no-route' };
  if (device.mac === undefined)
    return { kind: 'unknown', why: `${device.name} is not an Ethernet interface` };
  if (!entrance)
    return {
      kind: 'unknown',
      why: 'no mark rule names an address, so that nobody knows what clients ask for',
    };
  const source = sourceFor(host.interfaces, device, route, vips);
  const sameFamily = familyOf(entrance.address) === familyOf(destination.address);
  const innerSource = sameFamily ? source : anySource(host, familyOf(entrance.address), vips);
  if (!source || !innerSource)
    return { kind: 'unknown', why: `this host has no address of its own on ${device.name}` };
  return await askedReach(asking, { ...question, entrance }, route, {
    ...{ interface: device.name, mac: device.mac, source, innerSource },
  });
}

type Sender = {
  readonly interface: string;
  readonly mac: string;
  readonly source: Address;
  readonly innerSource: Address;
};

async function askedReach(
  { network, host, port, extraPorts }: Asking,
  { entrance, destination, strangers, id }: Question & { entrance: Entrance },
  { gateway }: Route,
  sender: Sender,
): Promise<Reach> {
  const { interface: name, mac, source } = sender;
  const asker = { interface: name, mac, address: source };
  const nextHopMac = await resolve(network, asker, gateway ?? destination.address);
  if (!nextHopMac) {
    const shy = gateway ? undefined : await resolveNamelessly(network, asker, destination.address);
    return shy
      ? { kind: 'deaf', interface: name, source, mac: shy }
      : { kind: 'dead', interface: name, gateway };
  }
  const target = targetOf(entrance, destination);
  const stranger = gateway ? undefined : strangers.get(`${name}/${familyOf(entrance.address)}`);
  const isIpv4 = familyOf(target.vip) === 4 && familyOf(target.rip) === 4 && !gateway;
  const linkLocal = isIpv4 ? linkLocalOf(host, name) : undefined;
  const way = { ...sender, nextHopMac, stranger, linkLocal, extraPorts };
  const answers = await probeServer(network, way, target, port, id);
  return {
    kind: 'asked',
    interface: name,
    source,
    mac: nextHopMac,
    gateway,
    target,
    answers,
    sendsOn: false,
  };
}

function linkLocalOf({ interfaces }: HostView, wanted: string): Address | undefined {
  const device = interfaces.find(({ name }) => name === wanted);
  return device?.addresses.find(
    ({ family, scope, isTentative }) => family === 6 && scope === 'link' && !isTentative,
  )?.address;
}

async function localReach(host: HostView, entrance: Entrance | undefined): Promise<Reach> {
  const isAsked = entrance?.protocol === 'tcp' && entrance.port !== 0 && isOwn(host, entrance.address);
  return { kind: 'local', fate: isAsked ? await askLocal(entrance.address, entrance.port) : 'unknown' };
}

function anySource(host: HostView, family: 4 | 6, vips: ReadonlySet<Address>): Address | undefined {
  return host.interfaces
    .map((device) => interfaceOf(device, family, vips)?.address)
    .find((address) => address !== undefined);
}

function targetOf(entrance: Entrance, destination: DestinationStatus): Target {
  const isTranslated = destination.method === 'masq';
  // An SCTP service is known by whether its host is there: a bare INIT is not sent.
  const port = entrance.protocol === 'sctp' ? 0 : entrance.port;
  const realPort =
    entrance.protocol !== 'sctp' && isTranslated && destination.port !== 0 ? destination.port : port;
  return {
    ...{ protocol: entrance.protocol, vip: entrance.address, rip: destination.address },
    ...{ virtualPort: port, realPort, isTranslated },
    tunnel: destination.method === 'ipip' ? (destination.tunnel ?? plainTunnel) : undefined,
  };
}

const plainTunnel = { type: 'ipip', port: 0, checksum: 'nocsum' } as const;

function isOwn({ interfaces }: HostView, address: Address): boolean {
  return interfaces.some(({ addresses }) => addresses.some((own) => own.address === address));
}
