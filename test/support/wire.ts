/**
 * The wire under test: a network namespace with the interfaces of world.ts, whose other ends lie in a second
 * namespace. Nothing of it is ever in the namespace the tests run in.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { inNamespace } from '../../src/linux/namespace.ts';
import { interfaces, worldLines } from './world.ts';

export type Wire = {
  /** Runs a synchronous action in the namespace of eth0; within such an action, at no cost. */
  inside<T>(action: () => T): T;
  /** The same where the other ends lie. */
  outside<T>(action: () => T): T;
  /** `ip` in the namespace of eth0, with words divided at blanks. */
  ip(words: string): void;
  remove(): void;
};

let wires = 0;
/** The namespace that this thread is in, as far as wires have led it there. */
let within: string | undefined;

/** A world of its own, with addresses and neighbours as in the goldens. */
export function createWire(): Wire {
  if (wires === 0) removeOrphans();
  const name = `fl-test-${process.pid}-wire${++wires}`;
  const peer = `${name}-peer`;
  const path = `/run/netns/${name}`;
  const wire: Wire = {
    inside: (action) => inside(path, action),
    outside: (action) => inside(`/run/netns/${peer}`, action),
    ip: (words) => run('', '-n', name, ...words.split(' ')),
    remove: () => {
      process.removeListener('exit', wire.remove);
      [name, peer].forEach(removeNamespace);
    },
  };
  // Also when a test calls process.exit(): a later run removes what even this leaves.
  process.once('exit', wire.remove);
  try {
    run('', 'netns', 'add', name);
    run('', 'netns', 'add', peer);
    wire.inside(quieten);
    run(worldLines(peer).join('\n'), '-n', name, '-batch', '-');
    run(interfaces.map((each) => `link set ${each.name} up`).join('\n'), '-n', peer, '-batch', '-');
    return wire;
  } catch (error) {
    wire.remove();
    throw error;
  }
}

function inside<T>(path: string, action: () => T): T {
  if (within === path) return action();
  return inNamespace(path, () => {
    const before = within;
    within = path;
    try {
      return action();
    } finally {
      within = before;
    }
  });
}

/** No duplicate address detection, no redirects, no limits on ICMP. */
function quieten(): void {
  for (const name of ['all', 'default']) {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/accept_dad`, '0');
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/router_solicitations`, '0');
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/send_redirects`, '0');
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, '0');
  }
}

function removeNamespace(name: string): void {
  if (existsSync(`/run/netns/${name}`)) run('', 'netns', 'del', name);
}

/** Namespaces of runs that were killed. Their names begin with the run's process id. */
function removeOrphans(): void {
  for (const name of existsSync('/run/netns') ? readdirSync('/run/netns') : []) {
    const pid = /^fl-test-(\d+)-wire/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function run(input: string, ...words: readonly string[]): void {
  execFileSync('ip', words, { input, stdio: ['pipe', 'ignore', 'pipe'] });
}
