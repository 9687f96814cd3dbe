/**
 * A client, a director and two real servers in both families (topology `dual`), where the real servers are machines
 * that have not joined yet, and somebody listens on the segment.
 */

import { readdirSync } from 'node:fs';
import type { LabHost } from '../../src/lab/host.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { macOf } from '../../src/lab/plan.ts';
import { dual } from '../../src/lab/topologies.ts';
import { listLinks } from '../../src/linux/links.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { openPacketSocket } from '../../src/linux/packet-socket.ts';
import { type Machine, machineOn } from './machine.ts';

export const vip = '192.0.2.100';
export const vip6 = '2001:db8:1::100';
export const directorMac = macOf('192.0.2.1/24');
const clientAddresses = ['192.0.2.250', '2001:db8:1::250'];

export type Segment = {
  readonly lab: Lab;
  readonly servers: readonly [Machine, Machine];
  readonly client: LabHost;
  /** What is seen while the client forgets who has the address, the real servers forget the client, and it asks again. */
  ask(address: string, times: number): Promise<Seen>;
};

export type Seen = {
  readonly answers: readonly string[];
  /** Whose MAC the client had for the address, each time. */
  readonly holders: readonly string[];
  /** The MACs that claimed the address in ARP or ND. */
  readonly claims: readonly string[];
  /** The real servers' own addresses by which they asked for the client. */
  readonly askers: readonly string[];
};

let port = 10_000;

export async function openSegment(): Promise<Segment> {
  const lab = await openLab(dual, new AbortController().signal);
  const client = lab.host('client');
  const director = lab.host('director');
  const servers = [await machineOn(lab.host('rs1')), await machineOn(lab.host('rs2'))] as const;
  await must(director, `ip addr add ${vip}/32 dev eth0 && ip -6 addr add ${vip6}/128 dev eth0 nodad`);
  for (const [service, ...rips] of [
    [`${vip}:80`, '192.0.2.11:80', '192.0.2.12:80'],
    [`[${vip6}]:80`, '[2001:db8:1::11]:80', '[2001:db8:1::12]:80'],
  ]) {
    await must(director, `ipvsadm -A -t ${service} -s rr`);
    for (const rip of rips) await must(director, `ipvsadm -a -t ${service} -r ${rip} -g`);
  }
  for (const host of [lab.host('rs1'), lab.host('rs2')]) {
    await must(host, `mkdir -p www && echo ${host.name} > www/index.html`);
    await host.serve(['busybox', 'httpd', '-f', '-p', '[::]:80', '-h', 'www'], 'web.log', 80);
  }
  return { lab, servers, client, ask: (address, times) => ask(lab.id, client, servers, address, times) };
}

async function ask(
  id: string,
  client: LabHost,
  servers: readonly Machine[],
  address: string,
  times: number,
): Promise<Seen> {
  const isIpv6 = address.includes(':');
  const listener = listen(id, isIpv6);
  const [answers, holders]: [string[], string[]] = [[], []];
  try {
    for (let time = 0; time < times; time++) {
      const forget = clientAddresses.map((each) => `ip neigh del ${each} dev eth0`).join(';');
      await Promise.all(servers.map(({ host }) => host.run(['sh', '-c', forget])));
      const url = isIpv6 ? `[${address}]` : address;
      const line = `ip neigh del ${address} dev eth0; curl -gsS -m 2 --local-port ${port++} ${url}`;
      answers.push((await client.run(['sh', '-c', line])).stdout.trim());
      const { stdout } = await client.run(['ip', 'neigh', 'show', address, 'dev', 'eth0']);
      holders.push(/lladdr (\S+)/.exec(stdout)?.[1] ?? 'nobody');
    }
    return { answers, holders, ...listener.heard(address) };
  } finally {
    listener.close();
  }
}

type Listener = { heard(address: string): Pick<Seen, 'claims' | 'askers'>; close(): void };

/** On the client's interface: ARP, or IPv6 with its neighbour discovery. */
function listen(id: string, isIpv6: boolean): Listener {
  const name = readdirSync('/run/netns').find((each) => each === `fl-${id}-client`);
  const socket = inNamespace(`/run/netns/${name}`, () => {
    const index = listLinks().find((link) => link.name === 'eth0')?.index ?? 0;
    return openPacketSocket(index, isIpv6 ? 0x86dd : 0x0806);
  });
  return {
    close: socket.close,
    heard(address) {
      const [claims, askers] = [new Set<string>(), new Set<string>()];
      for (let frame = socket.receive(); frame; frame = socket.receive()) {
        const sender = isIpv6 ? senderInNd(frame) : senderInArp(frame);
        if (sender === undefined) continue;
        if (sender.address === address) claims.add(sender.mac);
        else if (sender.asks) askers.add(sender.address);
      }
      return { claims: [...claims], askers: [...askers].toSorted() };
    },
  };
}

type Sender = { readonly mac: string; readonly address: string; readonly asks: boolean };

function senderInArp(frame: Uint8Array): Sender {
  return { mac: macText(frame, 22), address: frame.slice(28, 32).join('.'), asks: frame[21] === 1 };
}

/** In advertisements the address that is told of, in solicitations the one that asks. */
function senderInNd(frame: Uint8Array): Sender | undefined {
  const [solicitation, advertisement] = [135, 136];
  const type = frame[20] === 58 ? frame[54] : undefined;
  if (type !== solicitation && type !== advertisement) return undefined;
  const at = type === advertisement ? 62 : 22;
  const groups = Array.from({ length: 8 }, (_, each) => Buffer.from(frame).readUInt16BE(at + 2 * each));
  const text = groups
    .map((group) => group.toString(16))
    .join(':')
    .replace(/(^|:)0(:0)+(:|$)/, '::');
  return { mac: macText(frame, 6), address: text, asks: type === solicitation };
}

function macText(frame: Uint8Array, at: number): string {
  return [...frame.slice(at, at + 6)].map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

async function must(host: LabHost, line: string): Promise<void> {
  const { code, stdout, stderr } = await host.run(['sh', '-c', line]);
  if (code !== 0) throw new Error(`${host.name}: ${line}: ended with ${code}: ${stdout}${stderr}`);
}
