/** Looking at the hosts between the commands that are shown. */

import type { Stage } from '../../scenario.ts';
import {
  client,
  counterIn,
  director,
  ipOf,
  linesOf,
  macIn,
  ownerOf,
  realServers,
  type Traffic,
  trafficIn,
  vip,
} from './setting.ts';

/** Asks for the virtual address four times on the client, shown; answers the lines that came back. */
export async function fourCurls(stage: Stage, firstPort: number): Promise<readonly string[]> {
  const ports = [0, 1, 2, 3].map((offset) => firstPort + offset).join(' ');
  const line = `for p in ${ports}; do curl -sS -m 2 --local-port $p ${vip}; done`;
  const { stdout, stderr } = await stage.type(client, line);
  return linesOf(stdout + stderr);
}

/** Whose MAC the client has for the virtual address: a host's name, or `nobody`. */
export async function vipHolder(stage: Stage): Promise<string> {
  return ownerOf(macIn((await stage.quietly(client, `ip neigh show ${vip} dev eth0`)).stdout));
}

/** What the director has counted for each real server, by name; zeros for one that it does not list. */
export async function traffic(stage: Stage, how: 'shown' | 'unseen'): Promise<ReadonlyMap<string, Traffic>> {
  const look = how === 'shown' ? stage.type : stage.quietly;
  const counted = trafficIn((await look(director, 'ipvsadm -ln --stats --exact')).stdout);
  const none = { connections: 0, packets: 0 };
  return new Map(realServers.map((server) => [server, counted.get(ipOf(server)) ?? none]));
}

/** `server2 1 (4 packets), server3 1 (5 packets)`: connections and packets. */
export function trafficText(counted: ReadonlyMap<string, Traffic>): string {
  return [...counted]
    .map(([server, { connections, packets }]) => `${server} ${connections} (${packets} packets)`)
    .join(', ');
}

/** Packets that a host dropped because they are not addressed to it. */
export async function foreignPackets(stage: Stage, host: string, how: 'shown' | 'unseen'): Promise<number> {
  const look = how === 'shown' ? stage.type : stage.quietly;
  return counterIn((await look(host, 'nstat -asz IpInAddrErrors')).stdout, 'IpInAddrErrors');
}
