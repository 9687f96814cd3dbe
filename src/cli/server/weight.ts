/** `fairlead server weight`, `disable` and `enable`: the share of new connections that a real server gets. */

import { type Command, InvalidArgumentError } from 'commander';
import { maxWeight } from '../../ipvs/service.ts';
import { enable, setWeight } from './change.ts';
import { findMembers, realServer, serviceOption } from './find.ts';
import type { RealServer } from './members.ts';

type Options = { readonly service?: readonly string[] };

export function register(server: Command): void {
  withServer(server.command('weight'), 'give it another weight, in all its services at once')
    .argument('<weight>', `0 to ${maxWeight}`, weight)
    .action(async (which: RealServer, value: number, { service }: Options) => {
      const { client, members } = await findMembers(which, service);
      await setWeight(client, members, value);
    });
  withServer(server.command('disable'), 'let no new connections come (weight 0), without waiting').action(
    async (which: RealServer, { service }: Options) => {
      const { client, members } = await findMembers(which, service);
      await setWeight(client, members, 0);
    },
  );
  withServer(server.command('enable'), 'let it have the last weight above 0 that it had').action(
    async (which: RealServer, { service }: Options) => {
      const { client, members } = await findMembers(which, service);
      await enable(client, members);
    },
  );
}

function withServer(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<real-server>', 'an address, or an address with a port', realServer)
    .addOption(serviceOption());
}

function weight(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= maxWeight)) throw new InvalidArgumentError(`It is a number from 0 to ${maxWeight}.`);
  return value;
}
