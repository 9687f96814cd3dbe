/** The view from a real server, of itself. Acts in the calling process's network namespace and needs root. */

import { readFileSync } from 'node:fs';
import type { Address } from '../../ipvs/address.ts';
import {
  type LocalInterface,
  localInterfaces,
  neighbours,
  type Route,
  routesTo,
} from '../../linux/iproute.ts';
import { runProgram } from '../../linux/program.ts';
import { listeners, tcpSockets } from '../../linux/tcp-sockets.ts';
import { virtualLooking } from '../guess.ts';
import { isolatedByArptables, isolatedByNftables } from '../isolation.ts';
import { elsewhere } from '../probes/server-packets.ts';
import type { ExpectedService, RealServerView } from '../view.ts';
import { setting } from './settings.ts';
import { whoHas } from './who-has.ts';

export type RealServerQuestion = {
  /** Those it should have; else those that look like it. */
  readonly vips: readonly Address[];
  readonly services: readonly ExpectedService[];
  /** Those that a program of Fairlead's own keeps out of ARP. */
  readonly isolated: readonly Address[];
};

/** So many peers are looked up for the way answers take. */
const mostPeers = 64;

export async function viewOfRealServer(question: RealServerQuestion): Promise<RealServerView> {
  const interfaces = await localInterfaces();
  const vips = question.vips.length > 0 ? question.vips : virtualLooking(interfaces);
  const sockets = tcpSockets();
  const peers = sockets.filter(({ local }) => vips.includes(local.address)).map(({ peer }) => peer.address);
  const asked = [...new Set([...Object.values(elsewhere), ...peers])].slice(0, mostPeers);
  const [routes, known, isolated] = await Promise.all([routesTo(asked), neighbours(), isolatedByRules(vips)]);
  return {
    ...{ kind: 'realserver', vips, sockets, services: question.services },
    host: { interfaces, neighbours: known, routes, setting },
    isolated: new Set([...isolated, ...question.isolated]),
    listeners: listeners(),
    reversePathDrops: reversePathDrops(),
    holders: await askGateways(interfaces, [...routes.values()], vips),
  };
}

/** By its own rules; a program that is not there has none. */
async function isolatedByRules(vips: readonly Address[]): Promise<readonly Address[]> {
  const [arptables, nftables] = await Promise.all([
    runProgram(['arptables-save']),
    runProgram(['nft', 'list', 'ruleset', 'arp']),
  ]);
  return [...isolatedByArptables(arptables.stdout, vips), ...isolatedByNftables(nftables.stdout, vips)];
}

/** Who the gateways are, and who on their segments has the virtual addresses. */
async function askGateways(
  interfaces: readonly LocalInterface[],
  routes: readonly Route[],
  vips: readonly Address[],
): Promise<ReadonlyMap<Address, readonly string[]>> {
  const gateways = routes.flatMap(({ gateway, interface: name }) =>
    gateway && name ? [{ address: gateway, interface: name }] : [],
  );
  const questions = gateways.flatMap((gateway) => [
    gateway,
    ...vips.map((address) => ({ address, interface: gateway.interface })),
  ]);
  return await whoHas(interfaces, questions, new Set(vips));
}

/** TcpExt IPReversePathFilter: a line of names, a line of numbers. */
function reversePathDrops(): number {
  const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  const [names = [], numbers = []] = lines
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(numbers[names.indexOf('IPReversePathFilter')] ?? 0);
}
