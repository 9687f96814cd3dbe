/** `fairlead lab up <topology>` */

import { Argument, type Command } from 'commander';
import { LabError } from '../../lab/errors.ts';
import type { LabHost } from '../../lab/host.ts';
import { openLab } from '../../lab/lab.ts';
import { topologies } from '../../lab/topologies.ts';
import { addressOf, type Topology } from '../../lab/topology.ts';
import { interruptible } from '../interruptible.ts';

export function register(lab: Command): void {
  lab
    .command('up')
    .description('build a lab and leave it standing; prints its id')
    .addArgument(new Argument('<topology>', 'which one').choices(Object.keys(topologies)))
    .action(async (name: string) => {
      const topology = topologies[name];
      if (topology) await interruptible((signal) => raise(topology, signal));
    });
}

/** The server goes on in the background by itself, and ends with the lab. */
async function putUpPage(host: LabHost): Promise<void> {
  const words = `mkdir -p www && echo ${host.name} > www/index.html && busybox httpd -p [::]:80 -h www`;
  const { code, stderr } = await host.run(['sh', '-c', words]);
  if (code !== 0) throw new LabError(`${host.name}: ${words}: ${stderr.trim()}`);
}

async function raise(topology: Topology, signal: AbortSignal): Promise<void> {
  const lab = await openLab(topology, signal);
  const servers = Object.keys(topology.hosts).filter((name) => topology.hosts[name]?.hasPage);
  await Promise.all(servers.map((name) => putUpPage(lab.host(name))));
  await lab.leaveStanding();
  const hosts = Object.entries(topology.hosts).map(([name, { about = '', hasPage }]) => {
    const web = hasPage ? '; its web server says its name' : '';
    return `  ${name.padEnd(9)} ${(addressOf(topology, name) ?? '').padEnd(16)} ${about}${web}`;
  });
  const next = `fairlead lab shell --lab ${lab.id} <host>, fairlead lab down ${lab.id}`;
  process.stdout.write(`${lab.id}\n`);
  process.stderr.write(`lab ${lab.id} stands: ${topology.about}\n${hosts.join('\n')}\nthen: ${next}\n`);
}
