/** `fairlead conns`: connections and persistence templates, those that one looks for. */

import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../api/client.ts';
import { findDirector } from '../api/connect.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { connectionFilter, type FilterName, type FilterWords } from '../ipvs/connection-filter.ts';
import { protocols } from '../ipvs/service.ts';
import { connectionHeading, connectionRow } from './conns/rows.ts';
import { type SortKey, sorted, sortKeys } from './conns/sort.ts';
import { interruptible } from './interruptible.ts';
import { notRunning } from './not-running.ts';

const help = `
Connections are shown as they come out of the table, one by one: a million of them need no memory here. --sort needs
some, unless --limit says how many are wanted. EXPIRES is when the entry goes unless another packet arrives.

Examples:
  fairlead conns --vip 192.0.2.10 --port 443 --client 198.51.100.0/24
  fairlead conns --server 10.0.0.11 --state fin_wait,time_wait --count
  fairlead conns --sort expires --limit 20
  fairlead conns --templates
  fairlead conns --json | jq -r .client.address | sort | uniq -c | sort -n | tail

Exit status: 0, or 3 where no director runs.`;

type Options = {
  readonly vip?: string;
  readonly port?: string;
  readonly client?: string;
  readonly server?: string;
  readonly state?: string;
  readonly protocol?: string;
  readonly templates?: true;
  readonly sort?: SortKey;
  readonly limit?: number;
  readonly json?: true;
  readonly count?: true;
};

export function register(program: Command): void {
  program
    .command('conns')
    .description('show connections: those of a client, a service, a real server, in a state')
    .option('--vip <address[:port]>', 'to this virtual address', word('virtual'))
    .option('--port <number>', 'to this virtual port', word('port'))
    .option('--client <prefix>', 'from this address, or from these: 198.51.100.0/24', word('client'))
    .option('--server <address[:port]>', 'on this real server', word('server'))
    .option(
      '--state <states>',
      'in one of these states, with commas between them: syn_recv,fin_wait',
      word('state'),
    )
    .addOption(new Option('-p, --protocol <protocol>', 'of this protocol').choices(protocols))
    .option('--templates', 'persistence templates in place of connections')
    .addOption(new Option('--sort <key>', 'by this, the smallest first').choices(sortKeys))
    .option('--limit <number>', 'so many at most', positive)
    .option('--json', 'print JSON, an object a line')
    .option('--count', 'print only how many there are')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const client = await findDirector();
      if (!client) return notRunning();
      await interruptible((signal) =>
        options.count ? printCount(client, options) : print(client, options, signal),
      );
    });
}

function queryOf({ vip, port, client, server, state, protocol, templates }: Options): FilterWords {
  return {
    ...(vip !== undefined && { virtual: vip }),
    ...(port !== undefined && { port }),
    ...(client !== undefined && { client }),
    ...(server !== undefined && { server }),
    ...(state !== undefined && { state }),
    ...(protocol !== undefined && { protocol }),
    templates: templates ? 'only' : 'none',
  };
}

async function printCount(client: Client, options: Options): Promise<void> {
  for await (const counts of client.stream('countConnections', { query: queryOf(options) }))
    for (const { connections } of counts)
      process.stdout.write(options.json ? `${JSON.stringify({ connections })}\n` : `${connections}\n`);
}

async function print(client: Client, options: Options, signal: AbortSignal): Promise<void> {
  const { sort, limit = Number.POSITIVE_INFINITY, json } = options;
  const arriving = client.stream('listConnections', { query: queryOf(options) });
  const wanted = sort ? sorted(arriving, sort, limit) : firstOf(arriving, limit);
  let begun = json === true;
  for await (const connections of wanted) {
    signal.throwIfAborted();
    const lines = connections.map((each) => (json ? JSON.stringify(each) : connectionRow(each)));
    const heading = begun ? [] : [connectionHeading];
    begun = true;
    await write(`${[...heading, ...lines].join('\n')}\n`, signal);
  }
}

/** Leaves as soon as there are enough; the director then stops looking. */
async function* firstOf(
  arriving: AsyncIterable<readonly ConnectionStatus[]>,
  limit: number,
): AsyncGenerator<readonly ConnectionStatus[]> {
  let left = limit;
  for await (const connections of arriving) {
    yield connections.slice(0, left);
    left -= connections.length;
    if (left <= 0) return;
  }
}

/** Waits for a reader that is slower than the director. */
async function write(text: string, signal: AbortSignal): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal });
}

/** For commander: what the director would refuse is refused here, in its words. */
function word(name: FilterName): (text: string) => string {
  return (text) => {
    const filter = connectionFilter({ [name]: text });
    if ('expected' in filter) throw new InvalidArgumentError(`It is ${filter.expected}.`);
    return text;
  };
}

function positive(text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new InvalidArgumentError('It is a number from 1 on.');
  return number;
}
