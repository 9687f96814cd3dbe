/** Who answers on the segment for addresses that this machine is about to hold: nobody but the director may. */

import { answerers, resolve } from '../../../doctor/probes/neighbour.ts';
import { type Network, openNetwork } from '../../../doctor/probes/network.ts';
import { askersFor } from '../../../doctor/segments.ts';
import type { Address } from '../../../ipvs/address.ts';
import { FairleadError } from '../../../ipvs/errors.ts';
import { type LocalInterface, localInterfaces } from '../../../linux/iproute.ts';

/** Nothing but ARP and neighbour discovery is listened for; this is the discard service. */
const unusedPort = 9;

/**
 * Throws REALSERVER_REFUSED where two hosts answer for an address, or one that is not the director. `director`: its own
 * address. Addresses on a segment that this machine is not on cannot be asked for, and are well.
 */
export async function refuseForeignHolders(vips: readonly Address[], director?: Address): Promise<void> {
  const interfaces = await localInterfaces();
  const network = openNetwork(
    interfaces.filter(({ isUp }) => isUp),
    unusedPort,
  );
  try {
    const directors = director === undefined ? undefined : await macsOf(network, interfaces, director);
    await Promise.all(vips.map((vip) => refuseOthers(network, interfaces, vip, directors)));
  } finally {
    network.close();
  }
}

/** The MACs of the director, by each interface that it can be asked by. */
async function macsOf(
  network: Network,
  interfaces: readonly LocalInterface[],
  director: Address,
): Promise<readonly string[]> {
  const askers = askersFor(interfaces, director, new Set());
  const answers = await Promise.all(askers.map((asker) => resolve(network, asker, director)));
  const macs = answers.filter((mac) => mac !== undefined);
  if (macs.length === 0)
    throw new FairleadError('REALSERVER_REFUSED', `the director ${director} does not answer on its segment`);
  return macs;
}

async function refuseOthers(
  network: Network,
  interfaces: readonly LocalInterface[],
  vip: Address,
  directors: readonly string[] | undefined,
): Promise<void> {
  const own = new Set(interfaces.map(({ mac }) => mac));
  for (const asker of askersFor(interfaces, vip, new Set([vip]))) {
    const macs = (await answerers(network, asker, vip)).filter((mac) => !own.has(mac));
    const strangers = directors === undefined ? [] : macs.filter((mac) => !directors.includes(mac));
    const what =
      strangers.length > 0
        ? `${strangers.join(' and ')}, which is not the director, answers for ${vip} on ${asker.interface}`
        : macs.length > 1
          ? `${macs.join(' and ')} answer for ${vip} on ${asker.interface}, where only the director may`
          : undefined;
    if (what !== undefined)
      throw new FairleadError('REALSERVER_REFUSED', `${what} (once that is known and well: --no-probe)`);
  }
}
