/** One of the two sides: a player (player.py) that takes jobs from a directory, in the guest or on this machine. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lab/package-root.ts';
import { kill } from '../lab/proc.ts';
import { searchPath } from '../lab/tools.ts';
import { guestCommand } from './guest.ts';
import type { Job, Played } from './plan.ts';

export type Side = {
  readonly name: 'kernel' | 'fairlead';
  /** Rejects when the player has ended. */
  play(job: Job): Promise<Played>;
  /** Ends the player and what it runs in. */
  close(): Promise<void>;
};

export type SideOptions = {
  /** For jobs, answers and logs. */
  readonly directory: string;
  readonly workers: number;
};

const pollMilliseconds = 25;
const patienceMilliseconds = 15_000;

/** Kernel IPVS and Debian's ipvsadm, in user-mode Linux. */
export function kernelSide({ directory, workers }: SideOptions): Side {
  mkdirSync(directory, { recursive: true });
  return createSide('kernel', directory, guestCommand(directory, workers));
}

/** Fairlead as built in `house`, on this machine, in network namespaces without a name. */
export function fairleadSide({ directory, workers, house }: SideOptions & { readonly house: string }): Side {
  mkdirSync(directory, { recursive: true });
  const here = join(packageRoot, 'src/compare');
  const tools = [process.execPath, join(here, 'tools.mjs'), house];
  const command = [
    'python3',
    '-B',
    join(here, 'player.py'),
    directory,
    String(workers),
    'fairlead',
    ...tools,
  ];
  return createSide('fairlead', directory, command);
}

type Waiting = { readonly resolve: (played: Played) => void; readonly reject: (error: Error) => void };

function createSide(name: Side['name'], directory: string, argv: readonly string[]): Side {
  const child = launch(argv, join(directory, 'console'));
  const waiting = new Map<number, Waiting>();
  const ended = once(child, 'exit').catch(() => undefined);
  let failure: Error | undefined;
  let jobs = 0;
  const collect = (): void => {
    for (const file of readdirSync(directory).filter((each) => each.endsWith('.done'))) {
      const number = Number.parseInt(file, 10);
      waiting.get(number)?.resolve(JSON.parse(readFileSync(join(directory, file), 'utf8')) as Played);
      waiting.delete(number);
      rmSync(join(directory, file));
    }
  };
  const timer = setInterval(collect, pollMilliseconds);
  void ended.then(() => {
    failure = new Error(`the player of ${name} has ended: ${lastWords(directory)}`);
    for (const { reject } of waiting.values()) reject(failure);
  });
  return {
    name,
    play: (job) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        jobs += 1;
        waiting.set(jobs, { resolve, reject });
        writeFileSync(join(directory, `${jobs}.new`), JSON.stringify(job));
        renameSync(join(directory, `${jobs}.new`), join(directory, `${jobs}.job`));
      }),
    async close() {
      clearInterval(timer);
      writeFileSync(join(directory, 'stop'), '');
      const late = setTimeout(() => killGroup(child), patienceMilliseconds);
      await ended;
      clearTimeout(late);
    },
  };
}

function launch(argv: readonly string[], log: string): ChildProcess {
  const [command = '', ...rest] = argv;
  const file = openSync(log, 'w');
  try {
    const env = { ...process.env, PATH: searchPath() };
    return spawn(command, rest, { stdio: ['ignore', file, file], env, detached: true });
  } finally {
    closeSync(file);
  }
}

/** Detached as it is, the player leads a process group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) kill(-pid);
}

/** What the player printed last, wherever it did. */
function lastWords(directory: string): string {
  const texts = ['log', 'console'].map((name) => join(directory, name)).filter((path) => existsSync(path));
  return texts.map((path) => readFileSync(path, 'utf8').trim().split('\n').slice(-12).join('\n')).join('\n');
}
