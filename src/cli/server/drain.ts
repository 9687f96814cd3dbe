/** `fairlead server drain`: no new connections, and the end of those there are. */

import { setTimeout } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { Client } from '../../api/client.ts';
import { type ServiceConfiguration, serviceKeyText } from '../../ipvs/service.ts';
import { interruptible } from '../interruptible.ts';
import { remove, reset, setWeight } from './change.ts';
import { findMembers, realServer, serviceOption } from './find.ts';
import { connectionsText, loadOf, loadText } from './load.ts';
import { type Member, type RealServer, realServerText } from './members.ts';
import { createProgress } from './progress.ts';
import { type Waited, waitUntilIdle } from './wait.ts';

const help = `
It gets weight 0 in all its services at once, and the command waits until no connection is open: of TCP and SCTP, none
that is active; of UDP and of services by mark, none at all. What is left at the deadline stays, unless --reset ends it.

Examples:
  fairlead server drain 10.0.0.11
  fairlead server drain 10.0.0.11 --deadline 5m --reset --remove
  fairlead server drain 10.0.0.11 --service tcp:192.0.2.10:80 && deploy && fairlead server enable 10.0.0.11

Exit status: 0 it is idle, 1 the deadline has passed and connections are left.`;

export type DrainOptions = {
  readonly service?: readonly string[];
  readonly deadline?: number;
  readonly reset?: true;
  readonly remove?: true;
};

export function register(server: Command): void {
  server
    .command('drain')
    .description('let no new connections come, and wait for the end of those there are')
    .argument('<real-server>', 'an address, or an address with a port', realServer)
    .addOption(serviceOption())
    .option('--deadline <time>', 'wait so long at most, such as 90s or 5m', milliseconds)
    .option('--reset', 'at the deadline, end what is left')
    .option('--remove', 'then take it out of its services')
    .addHelpText('after', help)
    .action(async (which: RealServer, options: DrainOptions) => {
      const { client, members, services } = await findMembers(which, options.service);
      await setWeight(client, members, 0);
      await sayWhoStays(client, members, services);
      const name = realServerText(which);
      const waited = await waitFor(client, members, name, options.deadline);
      await finish(client, members, name, waited, options);
    });
}

/** Waits with its progress on standard error. */
export async function waitFor(
  client: Client,
  members: readonly Member[],
  name: string,
  deadlineMs: number | undefined,
): Promise<Waited> {
  const progress = createProgress(process.stderr, name);
  try {
    return await interruptible((signal) =>
      waitUntilIdle(
        {
          ask: async () => loadOf(await client.call('listServices', {}), members),
          now: () => performance.now(),
          sleep: (pause) => setTimeout(pause, undefined, { signal }),
          progress: progress.show,
        },
        deadlineMs,
      ),
    );
  } finally {
    progress.end();
  }
}

async function finish(
  client: Client,
  members: readonly Member[],
  name: string,
  { isIdle, load, elapsedMs }: Waited,
  options: DrainOptions,
): Promise<void> {
  const seconds = Math.round(elapsedMs / 1000);
  if (!isIdle && !options.reset) {
    process.stderr.write(`${name}: ${loadText(load)} after ${seconds} s; no new ones come\n`);
    process.exitCode = 1;
    return;
  }
  if (options.remove) await remove(client, members);
  const ended = isIdle ? 0 : await reset(client, members);
  const how = isIdle ? `idle after ${seconds} s` : `${connectionsText(ended)} ended after ${seconds} s`;
  process.stdout.write(`${name}: ${how}${options.remove ? ', removed' : ''}\n`);
}

/** With weight 0 clients that are bound by persistence go on coming, as in IPVS. */
async function sayWhoStays(
  client: Client,
  members: readonly Member[],
  services: readonly ServiceConfiguration[],
): Promise<void> {
  const keys = new Set(members.map(({ service }) => serviceKeyText(service)));
  const persistent = services.filter(
    (service) => service.persistent > 0 && keys.has(serviceKeyText(service)),
  );
  if (persistent.length === 0) return;
  const { expire_quiescent_template: expires } = await client.call('getSysctls', {});
  if (expires === 1) return;
  process.stderr.write(
    `${persistent.map(serviceKeyText).join(', ')}: clients bound by persistence go on coming; ` +
      '`fairlead sysctl -w expire_quiescent_template=1` sends them elsewhere\n',
  );
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** For commander: `90`, `90s`, `5m`, `1h`. */
export function milliseconds(text: string): number {
  const [, number, unit = 's'] = /^(\d{1,6})([smh])?$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It is a time like 90s, 5m or 1h.');
  return Number(number) * (units[unit] ?? 1000);
}
