/** What real servers answer, each asked as the data plane reaches it. */

import { type Address, familyOf } from '../../ipvs/address.ts';
import { type DestinationStatus, destinationKeyText, type ServiceStatus } from '../../ipvs/service.ts';
import type { Route } from '../../linux/iproute.ts';
import { isRecent } from '../claims.ts';
import { type Entrance, entrancesOf } from '../entrances.ts';
import { askLocal } from '../probes/local.ts';
import { resolve, resolveNamelessly } from '../probes/neighbour.ts';
import { freeAddress } from '../probes/segment.ts';
import { probeServer, type Target } from '../probes/server.ts';
import { interfaceOf, sourceFor } from '../segments.ts';
import type { DirectorState, HostView, Reach, ServerProbe } from '../view.ts';
import { type Asking, isOwn } from './asking.ts';

/** So many real servers are asked at the same time. */
const atOnce = 128;

/** Each real server of each service, for each way in, and those that health checks keep out of it. */
export async function askServers(asking: Asking, state: DirectorState): Promise<readonly ServerProbe[]> {
  const pairs = state.services.flatMap((service) => {
    const entrances = entrancesOf(service, state);
    const servers = serversOf(service, state);
    return (entrances.length > 0 ? entrances : [undefined]).flatMap((entrance) =>
      servers.map((server) => ({ service, ...server, entrance })),
    );
  });
  const strangers = await strangersFor(asking);
  const suspects = new Set(state.claims.filter(isRecent).map(({ mac }) => mac));
  const probes: ServerProbe[] = [];
  for (let at = 0; at < pairs.length; at += atOnce) {
    const some = pairs.slice(at, at + atOnce).map(async (pair, index) => ({
      ...pair,
      reach: await reachOf(asking, { ...pair, strangers, suspects, id: at + index }),
    }));
    probes.push(...(await Promise.all(some)));
  }
  return probes;
}

/** Those of the table, each as it is wanted where its checks hold it at weight 0, and those that have left it. */
function serversOf(service: ServiceStatus, { keptOut }: DirectorState) {
  const out = keptOut.filter((one) => one.service === service);
  const texts = new Set(out.map(({ destination }) => destinationKeyText(destination)));
  return [
    ...service.destinations
      .filter((destination) => !texts.has(destinationKeyText(destination)))
      .map((destination) => ({ destination })),
    ...out.map(({ destination, reason }) => ({ destination, keptOut: reason })),
  ];
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
  /** MACs of those who have lately claimed a virtual address. */
  readonly suspects: ReadonlySet<string>;
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
  { entrance, destination, strangers, suspects, id }: Question & { entrance: Entrance },
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
  const way = { ...sender, nextHopMac, stranger, isSuspect: suspects.has(nextHopMac), linkLocal, extraPorts };
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
