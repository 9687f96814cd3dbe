/** What the scenarios beside the walkthrough share: who is who, servers that say their name, and clients that ask. */

import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';
import type { Stage, Step } from '../scenario.ts';
import { linesOf } from './walkthrough/setting.ts';

export const client = 'client';
export const director = 'director';
export const realServers = ['rs1', 'rs2'] as const;

/** The virtual addresses. */
export const vip4 = '192.0.2.100';
export const vip6 = '2001:db8:1::100';

export const programs = join(packageRoot, 'src/lab/programs');

/** Real servers' addresses by topology and family. */
export const addresses = {
  dual: { rs1: ['192.0.2.11', '2001:db8:1::11'], rs2: ['192.0.2.12', '2001:db8:1::12'] },
  routed: { rs1: ['198.51.100.11', '2001:db8:2::11'], rs2: ['198.51.100.12', '2001:db8:2::12'] },
} as const;

/** Both real servers of a topology on one port, as ipvsadm has them: `192.0.2.11:80`, `[2001:db8:1::11]:80`. */
export function endpoints(topology: keyof typeof addresses, family: 4 | 6, port: number): readonly string[] {
  return realServers.map((server) => {
    const [ipv4, ipv6] = addresses[topology][server];
    return family === 6 ? `[${ipv6}]:${port}` : `${ipv4}:${port}`;
  });
}

/** Adds a virtual service (`-t 192.0.2.100:80 -s rr`) and its real servers, in this order. */
export async function addService(
  stage: Stage,
  words: string,
  servers: readonly string[],
  method = '-g',
  host = director,
): Promise<void> {
  const service = words.split(' ').slice(0, 2).join(' ');
  await accepted(stage, host, `ipvsadm -A ${words}`);
  for (const server of servers) await accepted(stage, host, `ipvsadm -a ${service} -r ${server} ${method}`);
}

/** The director takes the virtual addresses. */
export const directorHoldsVips: Step = {
  row: '1',
  title: 'The director holds the virtual addresses',
  why: 'Clients find it by ARP and neighbour discovery, as in any network.',
  async play(stage) {
    await accepted(stage, director, `ip addr add ${vip4}/32 dev eth0`);
    await accepted(stage, director, `ip -6 addr add ${vip6}/128 dev eth0 nodad preferred_lft 0`);
  },
};

/** Real servers that hold the virtual addresses on lo, silently, each with a web server that says its name. */
export function serversWithVips(row: string): Step {
  return {
    row,
    title: 'Real servers with the virtual addresses on lo, and a web server each',
    why: 'They accept what is addressed to the virtual addresses, and never answer ARP for them.',
    async play(stage) {
      for (const server of realServers) {
        await accepted(
          stage,
          server,
          'cd /proc/sys/net/ipv4/conf/all && echo 1 > arp_ignore && echo 2 > arp_announce',
        );
        await accepted(stage, server, `ip addr add ${vip4}/32 dev lo && ip -6 addr add ${vip6}/128 dev lo`);
        await webServer(stage, server, 80);
      }
    },
  };
}

/** A web server on every address of a host, in both families; its page is the host's name. */
export async function webServer(stage: Stage, host: string, port: number): Promise<void> {
  await stage.quietly(host, `mkdir -p www && echo ${host} > www/index.html`);
  await stage.serve(host, `busybox httpd -f -p [::]:${port} -h www`, port);
}

/** A server on UDP that answers with its name and the length of what it got, from the virtual address. */
export async function udpServer(stage: Stage, host: string, address: string, port: number): Promise<void> {
  await stage.beside(host, `node ${programs}/udp-answer.mjs ${address} ${port} ${host}`, `udp-${port}.log`);
  await eventually(stage, async () =>
    (await stage.quietly(host, `cat udp-${port}.log`)).stdout.includes('listening'),
  );
}

/** The answers to datagrams of so many octets, each from a port of its own. */
export async function ask(
  stage: Stage,
  question: { address: string; port: number; bytes: number; firstPort: number; count: number },
): Promise<readonly string[]> {
  const { address, port, bytes, firstPort, count } = question;
  const line = `node ${programs}/udp-ask.mjs ${address} ${port} ${bytes} ${firstPort} ${count}`;
  return linesOf((await stage.type(client, line)).stdout);
}

/** Pages got one after the other, each from a local port of its own; a failure is curl's exit code. */
export async function curls(
  stage: Stage,
  url: string,
  firstPort: number,
  count = 4,
): Promise<readonly string[]> {
  const ports = Array.from({ length: count }, (_, index) => firstPort + index).join(' ');
  const line = `for p in ${ports}; do curl -gsS -m 3 --local-port $p ${url} 2>/dev/null || echo "curl: $?"; done`;
  return linesOf((await stage.type(client, line)).stdout);
}

/** What ip(8) says when it meets a named network namespace that somebody is just making: it looks at all there are. */
const othersNamespace = /^Error: Peer netns reference is invalid\.\n/gm;

/** Runs a command that must succeed without a word. */
export async function accepted(stage: Stage, host: string, line: string): Promise<void> {
  const { code, stdout, stderr } = await stage.type(host, line);
  if (code === 0 && stdout + stderr.replace(othersNamespace, '') === '') return;
  stage.check(`${host} accepts: ${line}`, false, () => `exit code ${code}: ${stdout}${stderr}`);
}

/** Checks that answers come from both real servers by turns. */
export function byTurns(stage: Stage, what: string, answers: readonly string[], suffix = ''): void {
  const names = answers.map((answer) =>
    answer.endsWith(suffix) ? answer.slice(0, -suffix.length || undefined) : answer,
  );
  const right =
    names.length >= 2 &&
    names.every((name, at) => realServers.some((server) => server === name) && name !== names[at - 1]);
  stage.check(`${what}: both real servers answer, by turns`, right, () => answers.join(', ') || 'nothing');
}

/** Waits until something is so, five seconds at most. */
export async function eventually(stage: Stage, so: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + 5000;
  while (!(await so())) {
    stage.signal.throwIfAborted();
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}
