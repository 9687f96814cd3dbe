/** The lab with everything at work in it: the server, and a director of each kind. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../../src/lab/errors.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { macOf, namespacePrefix } from '../../src/lab/plan.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { attachCeiling } from './ceiling.ts';
import { haproxyConfig, nginxConfig, type Ports, serverConfig } from './rivals.ts';
import { haproxy, nginx, streamModule } from './tools.ts';
import { endToEnd, routing, server, targets } from './topology.ts';

export const ports: Ports = { http: 80, bulk: 5201 };

const ipvsadm = fileURLToPath(new URL('../../bin/ipvsadm', import.meta.url));

export type Stage = {
  /** Runs a program on the client to its end; answers what it printed. Throws LabError when it fails. */
  ask(argv: readonly string[], timeoutMs: number): Promise<string>;
  /** The same on the Fairlead director. */
  direct(argv: readonly string[]): Promise<string>;
  readonly lab: Lab;
  close(): Promise<void>;
};

export async function openStage(signal: AbortSignal): Promise<Stage> {
  const lab = await openLab(endToEnd, signal);
  try {
    await startServer(lab);
    await startCeiling(lab);
    await startFairlead(lab);
    await startHaproxy(lab);
    await startNginx(lab);
  } catch (error) {
    await lab.close();
    throw error;
  }
  return {
    lab,
    ask: (argv, timeoutMs) => must(lab, 'client', argv, timeoutMs),
    direct: (argv) => must(lab, 'fairlead', argv),
    close: async () => {
      for (const sentence of await lab.close()) process.stderr.write(`bench: ${sentence}\n`);
    },
  };
}

/** It holds the virtual addresses of the directors that leave addresses alone, and answers no ARP for them. */
async function startServer(lab: Lab): Promise<void> {
  const host = lab.host('server');
  const conf = '/proc/sys/net/ipv4/conf/all';
  await must(lab, 'server', ['sh', '-c', `echo 1 > ${conf}/arp_ignore; echo 2 > ${conf}/arp_announce`]);
  for (const way of routing)
    await must(lab, 'server', ['ip', 'address', 'add', `${targets[way]}/32`, 'dev', 'lo']);
  const config = file(lab, 'server', 'nginx.conf', serverConfig(ports.http));
  await host.serve([nginx(), '-p', host.directory, '-c', config, '-e', 'stderr'], 'nginx.log', ports.http);
  await host.serve(['iperf3', '--server', '--port', String(ports.bulk)], 'iperf3.log', ports.bulk);
}

async function startCeiling(lab: Lab): Promise<void> {
  await hold(lab, 'ceiling');
  const mac = Uint8Array.from(macOf(server).split(':'), (octet) => Number.parseInt(octet, 16));
  inNamespace(`/run/netns/${namespacePrefix(lab.id)}ceiling`, () =>
    attachCeiling('eth0', targets.ceiling, mac),
  );
}

async function startFairlead(lab: Lab): Promise<void> {
  await hold(lab, 'fairlead');
  for (const port of Object.values(ports)) {
    await must(lab, 'fairlead', [ipvsadm, '-A', '-t', `${targets.fairlead}:${port}`, '-s', 'wlc']);
    const words = ['-a', '-t', `${targets.fairlead}:${port}`, '-r', `${server}:${port}`, '-g'];
    await must(lab, 'fairlead', [ipvsadm, ...words]);
  }
}

async function startHaproxy(lab: Lab): Promise<void> {
  await hold(lab, 'haproxy');
  const config = file(lab, 'haproxy', 'haproxy.cfg', haproxyConfig(server, ports));
  await lab.host('haproxy').serve([haproxy(), '-db', '-q', '-f', config], 'haproxy.log', ports.http);
}

async function startNginx(lab: Lab): Promise<void> {
  await hold(lab, 'nginx');
  const host = lab.host('nginx');
  const config = file(lab, 'nginx', 'nginx.conf', nginxConfig(streamModule(), server, ports));
  await host.serve([nginx(), '-p', host.directory, '-c', config, '-e', 'stderr'], 'nginx.log', ports.http);
}

/** The director's virtual address, beside its own. */
async function hold(lab: Lab, director: keyof typeof targets): Promise<void> {
  await must(lab, director, ['ip', 'address', 'add', `${targets[director]}/32`, 'dev', 'eth0']);
}

function file(lab: Lab, host: string, name: string, text: string): string {
  const path = join(lab.host(host).directory, name);
  writeFileSync(path, text);
  return path;
}

async function must(lab: Lab, host: string, argv: readonly string[], timeoutMs = 30_000): Promise<string> {
  const { code, stdout, stderr, timedOut } = await lab.host(host).run(argv, { timeoutMs });
  if (code === 0) return stdout;
  const why = timedOut ? 'took too long' : stderr.trim() || stdout.trim() || `exit code ${code}`;
  throw new LabError(`${host}: ${argv.join(' ')}: ${why}`);
}
