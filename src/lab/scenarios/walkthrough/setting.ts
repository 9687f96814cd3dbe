/** Who is who in the walkthrough, and how to read what the programs print. Pure. */

import { macOf } from '../../plan.ts';
import { dr } from '../../topologies.ts';
import { addressOf } from '../../topology.ts';

export const vip = '172.25.138.100';
export const client = 'client';
export const director = 'server1';
/** In the order in which they are added to the service. */
export const realServers = ['server2', 'server3'] as const;

/**
 * Where each step's curls take their local ports from: below the range that the client's kernel chooses from
 * (32768 and up), so that no port is used twice. The director remembers a connection for two minutes after
 * its end, and by IPVS's rules a port that is used again meets its old connection and its old real server.
 */
export const firstPort = {
  sharedAddress: 10_001,
  arpProblem: 11_001,
  afterArptables: 12_001,
  loadWithArptables: 13_001,
  afterSwitches: 20_001,
  loadWithSwitches: 21_001,
} as const;

/** What `ipvsadm -ln` prints on the director, byte for byte; the spaces at the ends of lines are ipvsadm's. */
export const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  172.25.138.100:80 rr
  -> 172.25.138.2:80              Route   1      0          0         
  -> 172.25.138.3:80              Route   1      0          0         
`;

/** The address of a host in the topology. */
export function ipOf(host: string): string {
  return addressOf(dr, host) ?? '';
}

/** The host whose eth0 has this MAC; `nobody` for any other. */
export function ownerOf(mac: string | undefined): string {
  return Object.keys(dr.hosts).find((host) => macOf(ipOf(host)) === mac) ?? 'nobody';
}

/** The MAC in a line of `ip neigh show` or `arp -an`; `undefined` while the entry is unresolved. */
export function macIn(text: string): string | undefined {
  return /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/.exec(text)?.[0];
}

export type Traffic = { readonly connections: number; readonly packets: number };

/** Conns and InPkts of each real server, by address, from `ipvsadm -ln --stats --exact`. */
export function trafficIn(stats: string): ReadonlyMap<string, Traffic> {
  const rows = stats.matchAll(/^ {2}-> ([\d.]+):\d+ +(\d+) +(\d+)/gm);
  return new Map(
    [...rows].map(([, address = '', connections, packets]) => [
      address,
      { connections: Number(connections), packets: Number(packets) },
    ]),
  );
}

/** The counter of `nstat -asz <name>`. */
export function counterIn(nstat: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(nstat)?.[1] ?? Number.NaN);
}

/** Where answers stop being the two real servers by turns, in words; `undefined` when they never do. */
export function turnBroken(answers: readonly string[]): string | undefined {
  if (answers.length < 2) return `only ${answers.length} answers`;
  const at = answers.findIndex(
    (answer, at) => !realServers.some((server) => server === answer) || answer === answers[at - 1],
  );
  if (at < 0) return undefined;
  return `answer ${at + 1} of ${answers.length} is "${answers[at]}" after "${answers[at - 1] ?? ''}"`;
}

/** The lines a program printed. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
