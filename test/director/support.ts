/** What the tests of the director stand on: network namespaces that are gone after the test. */

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished, type TestContext } from 'vitest';
import { obstacle } from '../support/privileged.ts';
import { settle } from './daemon.ts';
import {
  type Background,
  killQuietly,
  must,
  type Outcome,
  type RunOptions,
  run,
  start,
} from './processes.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const bin = { ipvsadm: `${root}bin/ipvsadm`, fairlead: `${root}bin/fairlead` } as const;

/** For `beforeEach`: skips what this machine cannot do, and says why. */
export function needsRoot(context: TestContext): void {
  const built = existsSync(`${root}dist/fairleadd.js`);
  const reason = obstacle() ?? (built ? undefined : 'needs the bundles in dist/ (node scripts/build.mjs)');
  context.skip(reason !== undefined, reason);
}

export type Namespace = {
  readonly name: string;
  readonly inode: number;
  /** Puts a program in front: `ip netns exec NAME`. */
  inside(argv: readonly string[]): readonly string[];
  run(argv: readonly string[], options?: RunOptions): Promise<Outcome>;
  must(...argv: readonly string[]): Promise<string>;
  start(...argv: readonly string[]): Background;
  /** bin/ipvsadm with these words, divided at blanks. */
  ipvsadm(words: string): Promise<Outcome>;
  fairlead(words: string): Promise<Outcome>;
  /** `ip netns del`, and nothing else. */
  remove(): Promise<void>;
};

let namespaces = 0;

/** A network namespace with `lo` up, which is gone after the test, with everything that ran in it. */
export async function createNamespace(label: string): Promise<Namespace> {
  if (namespaces === 0) await removeOrphans();
  const name = `fl-test-d${process.pid}-${++namespaces}-${label}`;
  await must(['ip', 'netns', 'add', name]);
  const inside = (argv: readonly string[]) => ['ip', 'netns', 'exec', name, ...argv];
  const inode = inodeOf(await must(inside(['readlink', '/proc/self/ns/net'])));
  const namespace: Namespace = {
    name,
    inode,
    inside,
    run: (argv, options) => run(inside(argv), options),
    must: (...argv) => must(inside(argv)),
    start: (...argv) => start(inside(argv)),
    ipvsadm: (words) => run(inside([bin.ipvsadm, ...divided(words)])),
    fairlead: (words) => run(inside([bin.fairlead, ...divided(words)])),
    remove: () => removeNamespace(name),
  };
  onTestFinished(async () => {
    await removeNamespace(name);
    await settle(inode);
  });
  await must(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  return namespace;
}

function divided(words: string): readonly string[] {
  return words.split(' ').filter((word) => word !== '');
}

/** The number in `net:[4026531840]`. */
export function inodeOf(link: string): number {
  return Number(/\[(\d+)\]/.exec(link)?.[1]);
}

/** An Ethernet interface of its own, whose other end leads nowhere. */
export async function addInterface({ name }: Namespace, device: string, address?: string): Promise<void> {
  const ip = (...words: readonly string[]) => must(['ip', '-n', name, ...words]);
  await ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}-peer`);
  await ip('link', 'set', `${device}-peer`, 'up');
  await ip('link', 'set', device, 'up');
  if (address !== undefined) await ip('address', 'add', address, 'dev', device);
}

async function removeNamespace(name: string): Promise<void> {
  const path = `/run/netns/${name}`;
  if (!existsSync(path)) return;
  const { stdout } = await run(['ip', 'netns', 'pids', name]);
  for (const pid of stdout.split('\n').filter((line) => line !== '')) killQuietly(Number(pid));
  const { code, stderr } = await run(['ip', 'netns', 'del', name]);
  // Several runs may look for orphans at a time.
  if (code !== 0 && existsSync(path)) throw new Error(`ip netns del ${name}: ${stderr}`);
  rmSync(`/etc/netns/${name}`, { recursive: true, force: true });
}

/** Namespaces of test runs that were killed before they could clean up. */
async function removeOrphans(): Promise<void> {
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  for (const name of names) {
    const pid = /^fl-test-d(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeNamespace(name);
  }
}
