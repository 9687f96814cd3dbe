/** What the segments of virtual addresses answer: who has them, and whether neighbours know that it is this host. */

import { type Address, familyOf, isUnicast } from '../../ipvs/address.ts';
import { addressAges } from '../../linux/addresses.ts';
import { type Asker, answerers } from '../probes/neighbour.ts';
import { type Hearing, hear, type Neighbouring, sweep } from '../probes/segment.ts';
import { askersFor } from '../segments.ts';
import type { Answerers } from '../view.ts';
import type { Asking } from './asking.ts';

/** So many addresses are asked for at the same time. */
const atOnce = 256;
/** So many pings of neighbours are sent in all. */
const mostPings = 512;
/** A virtual address that has come so lately may still be another host's to its neighbours. */
const youngSeconds = 3600;

/** Who else says that it has a virtual address. */
export async function askForAddresses({ network, host, vips }: Asking): Promise<readonly Answerers[]> {
  const own = new Set(host.interfaces.flatMap(({ mac }) => mac ?? []));
  const questions = [...vips].flatMap((vip) =>
    askersFor(host.interfaces, vip, vips).map((asker) => ({ vip, asker })),
  );
  const all: Answerers[] = [];
  for (let at = 0; at < questions.length; at += atOnce) {
    const some = questions.slice(at, at + atOnce).map(async ({ vip, asker }) => {
      const macs = await answerers(network, asker, vip);
      return { vip, interface: asker.interface, macs: macs.filter((mac) => !own.has(mac)) };
    });
    all.push(...(await Promise.all(some)));
  }
  return all;
}

type Place = { readonly vip: Address; readonly asker: Asker };

/** Whether those who share a segment with a virtual address that is here know that it is here. */
export async function askNeighbours(
  asking: Asking,
  servers: readonly Address[],
): Promise<readonly Hearing[]> {
  const { network, host, vips, extraPorts } = asking;
  const ages = addressAges();
  const places = [...vips].flatMap((vip): readonly Place[] => {
    const [asker] = ages.has(vip) ? askersFor(host.interfaces, vip, vips) : [];
    return asker ? [{ vip, asker }] : [];
  });
  const young = places.filter(({ vip }) => (ages.get(vip) ?? 0) < youngSeconds);
  const met = await everybody(asking, young);
  const pings = places.flatMap((place) =>
    neighboursOf(asking, place, met, servers).map((neighbour) => ({ ...place, neighbour })),
  );
  // A number that the pings of real servers do not have.
  const [port = 0] = extraPorts;
  return await Promise.all(
    pings
      .slice(0, mostPings)
      .map(({ vip, asker, neighbour }, number) => hear(network, asker, neighbour, vip, { port, number })),
  );
}

/** Each segment is asked once, whatever the number of its virtual addresses. */
async function everybody(
  { network, host }: Asking,
  places: readonly Place[],
): Promise<ReadonlyMap<string, readonly Neighbouring[]>> {
  const askers = new Map(places.map(({ asker }) => [`${asker.interface} ${asker.address}`, asker]));
  const found = await Promise.all(
    [...askers].map(async ([key, asker]) => {
      const device = host.interfaces.find(({ name }) => name === asker.interface);
      return [key, device ? await sweep(network, asker, device) : []] as const;
    }),
  );
  return new Map(found);
}

/** Real servers are left out: they hold the address themselves. */
function neighboursOf(
  { host, vips }: Asking,
  { vip, asker }: Place,
  met: ReadonlyMap<string, readonly Neighbouring[]>,
  servers: readonly Address[],
): readonly Neighbouring[] {
  const isServer = (mac: string): boolean =>
    host.neighbours.some((entry) => entry.mac === mac && servers.includes(entry.address));
  const known = host.neighbours.flatMap(({ address, mac, interface: name }): readonly Neighbouring[] =>
    mac !== undefined && name === asker.interface ? [{ address, mac }] : [],
  );
  const all = [...known, ...(met.get(`${asker.interface} ${asker.address}`) ?? [])].filter(
    ({ address, mac }) =>
      familyOf(address) === familyOf(vip) &&
      isUnicast(address) &&
      !servers.includes(address) &&
      !vips.has(address) &&
      !isServer(mac),
  );
  return [...new Map(all.map((one) => [one.address, one])).values()];
}
