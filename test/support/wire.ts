/**
 * The wire under test: a network namespace with one Ethernet interface, eth0, whose other end lies in a second
 * namespace. Nothing of it is ever in the namespace the tests run in.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { inNamespace } from '../../src/linux/namespace.ts';
import { clientMac, directorMac } from './packet.ts';

export const vip = '10.0.0.100';

/** Real servers are permanent neighbours, so that their MACs are known without ARP. */
export const serverMacs: Readonly<Record<string, string>> = {
  '10.0.0.11': '02:00:00:00:00:0b',
  '10.0.0.12': '02:00:00:00:00:0c',
  '10.0.0.13': '02:00:00:00:00:0d',
  '10.0.0.14': '02:00:00:00:00:0e',
};

export type Wire = {
  /** Runs a synchronous action in the namespace of eth0. */
  inside<T>(action: () => T): T;
  /** `ip` in the namespace of eth0, with words divided at blanks. */
  ip(words: string): void;
  remove(): void;
};

let wires = 0;

/** eth0 has 10.0.0.2/24 and the VIP, as in the goldens. */
export function createWire(): Wire {
  if (wires === 0) removeOrphans();
  const name = `fl-test-${process.pid}-wire${++wires}`;
  const peer = `${name}-peer`;
  const path = `/run/netns/${name}`;
  const wire: Wire = {
    inside: (action) => inNamespace(path, action),
    ip: (words) => run('-n', name, ...words.split(' ')),
    remove: () => [name, peer].forEach(removeNamespace),
  };
  // Also when a test calls process.exit(): a later run removes what even this leaves.
  process.once('exit', wire.remove);
  try {
    run('netns', 'add', name);
    run('netns', 'add', peer);
    wire.ip(
      `link add eth0 address ${directorMac} type veth peer name eth0 address ${clientMac} netns ${peer}`,
    );
    run('-n', peer, 'link', 'set', 'eth0', 'up');
    for (const device of ['lo', 'eth0']) wire.ip(`link set ${device} up`);
    wire.ip('address add 10.0.0.2/24 dev eth0');
    wire.ip(`address add ${vip}/32 dev eth0`);
    for (const [address, mac] of Object.entries(serverMacs)) {
      wire.ip(`neigh add ${address} lladdr ${mac} dev eth0 nud permanent`);
    }
    return wire;
  } catch (error) {
    wire.remove();
    throw error;
  }
}

function removeNamespace(name: string): void {
  if (existsSync(`/run/netns/${name}`)) run('netns', 'del', name);
}

/** Namespaces of runs that were killed. Their names begin with the run's process id. */
function removeOrphans(): void {
  for (const name of existsSync('/run/netns') ? readdirSync('/run/netns') : []) {
    const pid = /^fl-test-(\d+)-wire/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function run(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
