/** The view from a client, or any other host. Acts in the calling process's network namespace and needs root. */

import type { Address } from '../../ipvs/address.ts';
import { isUnicast } from '../../ipvs/address.ts';
import { localInterfaces, neighbours, routesTo } from '../../linux/iproute.ts';
import type { ClientView } from '../view.ts';
import { setting } from './settings.ts';
import { whoHas } from './who-has.ts';

/** Without a word about which addresses are virtual, so many neighbours are looked at. */
const mostNeighbours = 32;

export async function viewOfClient(wanted: readonly Address[]): Promise<ClientView> {
  const interfaces = await localInterfaces();
  const known = await neighbours();
  const met = known
    .filter(({ address, mac }) => mac !== undefined && isUnicast(address))
    .map(({ address }) => address);
  const vips = wanted.length > 0 ? wanted : [...new Set(met)].slice(0, mostNeighbours);
  const routes = await routesTo(vips);
  const questions = [...routes].flatMap(([address, { interface: name, gateway, type }]) =>
    type === 'unicast' && gateway === undefined && name !== undefined ? [{ address, interface: name }] : [],
  );
  return {
    ...{ kind: 'client', vips, isNamed: wanted.length > 0 },
    host: { interfaces, neighbours: known, routes, setting },
    holders: await whoHas(interfaces, questions, new Set()),
  };
}
