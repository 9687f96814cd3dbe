/** `fairlead load`: brings the data plane up before the first service, with a table as large as one wants it. */

import { type Command, InvalidArgumentError } from 'commander';
import { connectDirector, findDirector } from '../api/connect.ts';
import { FairleadError } from '../ipvs/errors.ts';

const smallest = 1024;
const largest = 1 << 27; // as conn_tab_bits has it

const help = `
Without it the first ipvsadm command brings the data plane up, with room for 1048576 connections. An entry takes
memory only while it is there, about 200 bytes. The size cannot change while the data plane is loaded.

Examples:
  fairlead load --connections 8000000
  fairlead unload && fairlead load --connections 262144`;

export function register(program: Command): void {
  program
    .command('load')
    .description('bring the data plane up in this network namespace, as `modprobe ip_vs` would')
    .option('--connections <number>', `room in the connection table, ${smallest} to ${largest}`, size)
    .addHelpText('after', help)
    .action(async ({ connections }: { readonly connections?: number }) => {
      if (connections !== undefined && !(await findDirector()))
        process.env['FAIRLEAD_CONNECTIONS'] = String(connections);
      const client = await connectDirector();
      const { limit } = (await client.call('status', {})).connections;
      if (connections !== undefined && connections !== limit)
        throw new FairleadError('ALREADY_LOADED', `with room for ${limit} connections`);
    });
}

function size(text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number < smallest || number > largest)
    throw new InvalidArgumentError(`It is a number from ${smallest} to ${largest}.`);
  return number;
}
