/**
 * What ldirectord balances: two real servers and a fallback, with web pages in IPv4 and datagrams in IPv6, and a
 * client that asks for them. Topology `dual` of the lab.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../src/lab/host.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { packageRoot } from '../../src/lab/package-root.ts';
import { dual } from '../../src/lab/topologies.ts';
import { until } from '../director/processes.ts';

export const vip = { web: '192.0.2.100', datagrams: '2001:db8:1::100' } as const;

/** By host, its addresses; the director is the fallback, under the addresses that ldirectord calls it by. */
const own = {
  director: ['127.0.0.1', '::1'],
  rs1: ['192.0.2.11', '2001:db8:1::11'],
  rs2: ['192.0.2.12', '2001:db8:1::12'],
} as const;

type ServerName = keyof typeof own;

const programs = join(packageRoot, 'src/lab/programs');
export const ask = `node ${programs}/udp-ask.mjs`;

export type Network = {
  readonly lab: Lab;
  readonly director: LabHost;
  readonly servers: Readonly<Record<ServerName, Server>>;
  readonly client: Client;
};

export type Server = {
  /** Web pages and datagrams; harmless when they are served already. */
  serve(): Promise<void>;
  /** Nobody listens any more: connections are reset, datagrams refused. */
  die(): Promise<void>;
  /** What ldirectord asks for, and `index.html`, which clients ask for. */
  page(name: 'alive.html' | 'index.html', text: string): void;
};

/** Builds the lab and starts every server. */
export async function openNetwork(): Promise<Network> {
  const lab = await openLab(dual, new AbortController().signal);
  const director = lab.host('director');
  await shell(director, directorTakesVips);
  for (const name of ['rs1', 'rs2']) await shell(lab.host(name), takeVips);
  const [d, rs1, rs2] = (['director', 'rs1', 'rs2'] as const).map((name) => server(lab.host(name), name));
  if (d === undefined || rs1 === undefined || rs2 === undefined)
    throw new Error('three servers are declared');
  await Promise.all([d.serve(), rs1.serve(), rs2.serve()]);
  return { lab, director, servers: { director: d, rs1, rs2 }, client: clientOf(lab.host('client')) };
}

/**
 * A preferred lifetime of 0: the kernel would else choose this address, as the one with the longest prefix, for the
 * director's own checks, and a real server that holds it answers itself (RFC 6724, rules 3 and 8).
 */
const directorTakesVips = `ip addr add ${vip.web}/32 dev eth0 &&
  ip -6 addr add ${vip.datagrams}/128 dev eth0 nodad preferred_lft 0`;

const takeVips = `cd /proc/sys/net/ipv4/conf/all && echo 1 > arp_ignore && echo 2 > arp_announce &&
  ip addr add ${vip.web}/32 dev lo && ip -6 addr add ${vip.datagrams}/128 dev lo`;

/** Runs a line that must succeed; answers what it printed. */
export async function shell(host: Pick<LabHost, 'run'>, line: string): Promise<string> {
  const { code, stdout, stderr } = await host.run(['sh', '-c', line]);
  if (code !== 0) throw new Error(`${line}: ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

function server(host: LabHost, name: ServerName): Server {
  let running: readonly { stop(): Promise<void> }[] = [];
  const page = (file: string, text: string): void =>
    writeFileSync(join(host.directory, 'www', file), `${text}\n`);
  /** An answer comes from the address that was asked, so there is a socket for each. */
  const answer = (address: string) =>
    host.start(['node', `${programs}/udp-answer.mjs`, address, '53', name], `udp-${address}.log`);
  return {
    page,
    async serve() {
      if (running.length > 0) return;
      await shell(host, 'mkdir -p www');
      page('index.html', name);
      page('alive.html', `OK ${name}`);
      const web = host.serve(['busybox', 'httpd', '-f', '-p', '[::]:80', '-h', 'www'], 'web.log', 80);
      running = await Promise.all([web, ...[vip.datagrams, own[name][1]].map(answer)]);
      const log = (address: string) => shell(host, `cat 'udp-${address}.log'`);
      for (const address of [vip.datagrams, own[name][1]])
        await until(`${name} answers datagrams`, async () => (await log(address)).includes('listening'));
    },
    async die() {
      await Promise.all(running.map((program) => program.stop()));
      running = [];
    },
  };
}

export type Client = {
  /** The pages got one after the other, each by a connection of its own; a failure is curl's exit code. */
  pages(count?: number): Promise<readonly string[]>;
  /** The answers to datagrams, each from a port of its own: a server's name, `refused` or `nothing`. */
  datagrams(count?: number): Promise<readonly string[]>;
  /** Opens a connection, sends half a request, and sends the rest when told to. */
  hold(): Promise<Held>;
};

export type Held = {
  /** Answers all that came in, three seconds later at most. */
  finish(): Promise<string>;
};

function clientOf(host: LabHost): Client {
  let [port, held] = [20_000, 0];
  const ports = (count: number): number => {
    port += count;
    return port - count;
  };
  return {
    async pages(count = 4) {
      const first = ports(count);
      const line = `for p in $(seq ${first} ${first + count - 1}); do
        curl -sS -m 5 --local-port $p http://${vip.web}/ 2>/dev/null || echo "curl: $?"; done`;
      return linesOf(await shell(host, line));
    },
    async datagrams(count = 4) {
      const answers = linesOf(await shell(host, `${ask} ${vip.datagrams} 53 4 ${ports(count)} ${count}`));
      return answers.map((answer) => answer.replace(/ 4$/, ''));
    },
    async hold() {
      const name = `held-${++held}`;
      const line = `exec 3<>/dev/tcp/${vip.web}/80; printf 'GET / HTTP/1.0\\r\\n' >&3; echo begun
        until test -e ${name}.go; do sleep 0.1; done; printf '\\r\\n' >&3; timeout 3 cat <&3; echo over`;
      await host.start(['bash', '-c', line], `${name}.log`);
      const said = (what: string) => () =>
        shell(host, `cat ${name}.log`).then((text) => text.includes(what) && text);
      await until('a connection is begun', said('begun'));
      return {
        async finish() {
          await shell(host, `touch ${name}.go`);
          return until('a connection is over', said('over'));
        },
      };
    },
  };
}

export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
