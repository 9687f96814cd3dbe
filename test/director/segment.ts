/** One layer-2 segment as in the walkthrough: a client, a director that owns the VIP, real servers that serve their name. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { must, start, until } from './processes.ts';
import { createNamespace, type Namespace, root } from './support.ts';

export const vip = '172.25.138.100';
const addresses = { client: '172.25.138.250', director: '172.25.138.1' } as const;

export type Server = Namespace & { readonly label: string; readonly address: string };

export type Segment = {
  readonly lan: Namespace;
  readonly client: Namespace;
  readonly director: Namespace;
  readonly servers: readonly Server[];
};

/** Real servers get 172.25.138.2, .3, …, the VIP on lo, and the kernel's own cure for the ARP problem. */
export async function createSegment(...labels: readonly string[]): Promise<Segment> {
  const lan = await createNamespace('lan');
  await must(['ip', '-n', lan.name, 'link', 'add', 'br0', 'type', 'bridge']);
  await must(['ip', '-n', lan.name, 'link', 'set', 'br0', 'up']);
  const client = await createHost(lan, 'client', addresses.client);
  const director = await createHost(lan, 'director', addresses.director);
  await must(['ip', '-n', director.name, 'address', 'add', `${vip}/24`, 'dev', 'eth0']);
  const servers: Server[] = [];
  for (const [index, label] of labels.entries()) {
    const address = `172.25.138.${index + 2}`;
    const server = await createHost(lan, label, address);
    await ownVipSilently(server);
    servers.push({ ...server, label, address });
  }
  return { lan, client, director, servers };
}

/** Its interface is eth0; the other end, in the bridge, bears the host's label. */
async function createHost(lan: Namespace, label: string, address: string): Promise<Namespace> {
  const host = await createNamespace(label);
  const ip = (...words: readonly string[]) => must(['ip', '-n', host.name, ...words]);
  await ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', label, 'netns', lan.name);
  await must(['ip', '-n', lan.name, 'link', 'set', label, 'master', 'br0', 'up']);
  await ip('address', 'add', `${address}/24`, 'dev', 'eth0');
  await ip('link', 'set', 'eth0', 'up');
  return host;
}

async function ownVipSilently(server: Namespace): Promise<void> {
  const conf = '/proc/sys/net/ipv4/conf/all';
  await server.must('sh', '-c', `echo 1 > ${conf}/arp_ignore; echo 2 > ${conf}/arp_announce`);
  await must(['ip', '-n', server.name, 'address', 'add', `${vip}/32`, 'dev', 'lo']);
}

/** A web server on each real server whose only page is the server's label, and a balanced service of them. */
export async function serveNames({ client, director, servers }: Segment, scheduler: string): Promise<void> {
  const pages = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(pages, { recursive: true, force: true }));
  for (const server of servers) {
    const home = mkdtempSync(join(pages, `${server.label}-`));
    writeFileSync(join(home, 'index.html'), `${server.label}\n`);
    server.start('busybox', 'httpd', '-f', '-p', '80', '-h', home);
  }
  await command(director, `-A -t ${vip}:80 -s ${scheduler}`);
  for (const { address } of servers) await command(director, `-a -t ${vip}:80 -r ${address}:80 -g`);
  for (const { address, label } of servers) {
    await until(`${label} answers`, async () => {
      const { stdout } = await client.run(['curl', '-sm', '2', `http://${address}/`]);
      return stdout === `${label}\n`;
    });
  }
}

/** An ipvsadm command that must be carried out without a word. */
export async function command(namespace: Namespace, words: string): Promise<void> {
  const outcome = await namespace.ipvsadm(words);
  if (outcome.code !== 0 || outcome.stdout + outcome.stderr !== '') {
    throw new Error(`ipvsadm ${words}: ${JSON.stringify(outcome)}`);
  }
}

export type Datagrams = {
  readonly count: number;
  readonly payload: number;
  /** The first source port. */
  readonly from: number;
  /** Each datagram from a port of its own, or all from one. */
  readonly spread?: boolean;
  /** Between two datagrams. */
  readonly pauseMs?: number;
};

const script = join(root, 'test/director/datagrams.mjs');

/** Sends datagrams to a port of the VIP. */
export async function sendDatagrams(client: Namespace, port: number, plan: Datagrams): Promise<void> {
  await client.must(process.execPath, script, 'send', vip, String(port), JSON.stringify(plan));
}

export type Receiver = {
  /** What has arrived so far. */
  received(): { readonly datagrams: number; readonly payload: number };
};

/** Counts the datagrams that arrive at a port of a real server. */
export async function receiveDatagrams(server: Namespace, port: number): Promise<Receiver> {
  const { child } = start(server.inside([process.execPath, script, 'receive', String(port)]));
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await until('the receiver listens', () => text.includes('\n'));
  return {
    received() {
      const sizes = text.split('\n').slice(1, -1).map(Number);
      return { datagrams: sizes.length, payload: sizes.reduce((sum, size) => sum + size, 0) };
    },
  };
}
