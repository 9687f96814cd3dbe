/** `fairlead top`: services and real servers with what they do now, as a table that lives. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Client } from '../api/client.ts';
import { findDirector } from '../api/connect.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { ServiceStatus } from '../ipvs/service.ts';
import { interruptible } from './interruptible.ts';
import { notRunning } from './not-running.ts';
import type { Sample } from './top/sample.ts';
import {
  firstState,
  longestSeconds,
  pressed,
  type Scene,
  type SortKey,
  type State,
  shortestSeconds,
  sortKeys,
} from './top/state.ts';
import { openTerminal } from './top/terminal.ts';
import { frameOf, helpLines, type Look } from './top/view.ts';

const help = `
Keys:
${helpLines
  .slice(0, -2)
  .map((line) => `  ${line}`)
  .join('\n')}

Connections, packets and bytes a second are those between the last two looks. --once prints one screen as text, however
many lines it has, and needs no terminal.

Examples:
  fairlead top
  fairlead top --sort bytes --filter 192.0.2.10
  fairlead top --once --open

Exit status: 0, 2 where there is no terminal, or 3 where no director runs.`;

/** Services whose real servers are asked for at a time: more than fit on any screen. */
const mostOpened = 100;

type Options = {
  readonly interval: number;
  readonly sort: SortKey;
  readonly filter: string;
  readonly open?: true;
  readonly once?: true;
};

export function register(program: Command): void {
  program
    .command('top')
    .description('what services and real servers do now, in a table that lives')
    .option('--interval <seconds>', 'from one look to the next', seconds, firstState.seconds)
    .addOption(
      new Option('--sort <column>', 'by this, the largest first').choices(sortKeys).default(firstState.sort),
    )
    .option('--filter <text>', 'only what has this in its name', '')
    .option('--open', 'with the real servers of all services')
    .option('--once', 'print one screen and end')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const client = await findDirector();
      if (!client) return notRunning();
      const { interval, sort, filter, open = false, once } = options;
      const state: State = { ...firstState, seconds: interval, sort, filter, allOpened: open };
      if (once) return await interruptible(async (signal) => await printOnce(client, state, signal));
      if (!process.stdin.isTTY || !process.stdout.isTTY) {
        process.stderr.write('fairlead: top needs a terminal; --once prints one screen without\n');
        process.exitCode = 2;
        return;
      }
      await interruptible(async (signal) => await live(client, state, signal));
    });
}

async function printOnce(client: Client, state: State, signal: AbortSignal): Promise<void> {
  const before = await look(client, state);
  await sleep(state.seconds * 1000, undefined, { signal });
  const now = await look(client, state);
  const { lines } = frameOf(
    { ...state, selected: 0 },
    { now, before, trouble: undefined },
    { columns: process.stdout.columns ?? 80, rows: 6 + now.services.length + serversIn(now) },
  );
  process.stdout.write(
    `${lines
      .slice(0, -1)
      .map((line) => line.trimEnd())
      .join('\n')}\n`,
  );
}

function serversIn({ opened }: Sample): number {
  return [...opened.values()].reduce((sum, { destinations }) => sum + destinations.length, 0);
}

/** Until a key or a signal ends it. Throws what kept the first look from being taken. */
async function live(client: Client, first: State, signal: AbortSignal): Promise<void> {
  let state = first;
  let view: Look = { now: await look(client, state), before: undefined, trouble: undefined };
  let scene: Scene = { services: [], page: 1 };
  let hurry = new AbortController();
  const draw = (): void => {
    const frame = frameOf(state, view, terminal.size());
    scene = frame.scene;
    terminal.draw(frame.lines, frame.inverted);
  };
  const key = (name: string): void => {
    const before = state;
    state = pressed(state, name, scene);
    draw();
    // What is opened now is not known yet, and who ends it does not want to wait.
    if (state.opened !== before.opened || state.allOpened !== before.allOpened || state.isOver) hurry.abort();
  };
  const leave = (): void => hurry.abort();
  signal.addEventListener('abort', leave);
  const terminal = openTerminal({ key, resized: draw });
  try {
    draw();
    while (!state.isOver && !signal.aborted) {
      await sleep(state.seconds * 1000, undefined, { signal: hurry.signal }).catch(() => undefined);
      const hurried = hurry.signal.aborted;
      hurry = new AbortController();
      if (state.isOver || signal.aborted) break;
      if (!state.paused || hurried) view = await nextLook(client, state, view, hurried);
      draw();
    }
  } finally {
    signal.removeEventListener('abort', leave);
    terminal.close();
  }
  signal.throwIfAborted();
}

/**
 * A daemon that is just being replaced does not end it: what was seen stays until there is more. A hurried look is compared
 * with the one that the last one was compared with: between it and the last one next to nothing has happened.
 */
async function nextLook(
  client: Client,
  state: State,
  { now, before }: Look,
  hurried: boolean,
): Promise<Look> {
  try {
    return { now: await look(client, state), before: hurried ? before : now, trouble: undefined };
  } catch (error) {
    return { now, before, trouble: messageOf(error) };
  }
}

async function look(client: Client, state: State): Promise<Sample> {
  const services = await client.call('summarizeServices', {});
  const names = services
    .map(({ service }) => service)
    .filter((service) => state.allOpened || state.opened.has(service))
    .slice(0, mostOpened);
  const opened = new Map<string, ServiceStatus>();
  for (const service of names) {
    // One that has just gone is missing; the next look will not have it at all.
    const status = await client.call('getService', { params: { service } }).catch(() => undefined);
    if (status) opened.set(service, status);
  }
  return { at: performance.now(), status: await client.call('status', {}), services, opened };
}

function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (number < shortestSeconds || number > longestSeconds)
    throw new InvalidArgumentError(`It is a number from ${shortestSeconds} to ${longestSeconds}.`);
  return number;
}
