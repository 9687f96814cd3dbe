/** `fairlead lab up <topology>` */

import { Argument, type Command } from 'commander';
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

async function raise(topology: Topology, signal: AbortSignal): Promise<void> {
  const lab = await openLab(topology, signal);
  await lab.leaveStanding();
  const hosts = Object.entries(topology.hosts).map(
    ([name, { about = '' }]) =>
      `  ${name.padEnd(9)} ${(addressOf(topology, name) ?? '').padEnd(16)} ${about}`,
  );
  const next = `fairlead lab shell --lab ${lab.id} <host>, fairlead lab down ${lab.id}`;
  process.stdout.write(`${lab.id}\n`);
  process.stderr.write(`lab ${lab.id} stands: ${topology.about}\n${hosts.join('\n')}\nthen: ${next}\n`);
}
