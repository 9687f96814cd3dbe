/**
 * The view from a director: what it has configured, where it stands, and what its real servers and its segment
 * answer. Acts in the calling process's network namespace and needs root.
 */

import { addressAges } from '../../linux/addresses.ts';
import { holdPort } from '../../linux/held-port.ts';
import { localInterfaces, neighbours, routesTo } from '../../linux/iproute.ts';
import { mergesOnReceive } from '../../linux/offloads.ts';
import { virtualAddressesOf } from '../entrances.ts';
import { openNetwork } from '../probes/network.ts';
import { type Opening, tapOpenings } from '../probes/openings.ts';
import type { DirectorState, DirectorView, HostView, ServerProbe } from '../view.ts';
import { isOwn } from './asking.ts';
import { askForAddresses, askNeighbours } from './segment.ts';
import { askServers } from './servers.ts';
import { setting } from './settings.ts';

/** From so many more ports SYNs are sent, which another director would give to several real servers. */
const extraPorts = 2;

export async function viewOfDirector(state: DirectorState): Promise<DirectorView> {
  const listed = state.services.flatMap(({ destinations }) => destinations);
  const servers = [...listed, ...state.keptOut.map(({ destination }) => destination)].map(
    ({ address }) => address,
  );
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
