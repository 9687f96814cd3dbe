/** A daemon in a network namespace without a name, which goes with it, and what it costs. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../src/api/client.ts';
import { socketPath } from '../../src/api/paths.ts';

const bin = (name: string): string => fileURLToPath(new URL(`../../bin/${name}`, import.meta.url));
const ticksPerSecond = 100; // USER_HZ
const patienceMilliseconds = 120_000;

/** What something cost: seconds of CPU of the daemon, milliseconds of the longest wait of others, octets at the most. */
export type Cost = { readonly cpu: number; readonly wait: number; readonly peak: number };

export type Daemon = {
  /** A command of `fairlead` in its namespace. */
  command(...words: readonly string[]): Promise<void>;
  /** Reads its file again by a signal; resolves once the log says what came of it. */
  hangUp(): Promise<void>;
  cost(action: () => Promise<void>): Promise<Cost>;
  stop(): Promise<void>;
};

export async function startDaemon(config: string, signal: AbortSignal): Promise<Daemon> {
  const script = `ip link set lo up && exec ${bin('fairleadd')} --config "$0"`;
  const child = spawn('unshare', ['-n', 'sh', '-c', script, config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = logOf(child);
  await log.line(/ready/, signal);
  const pid = child.pid ?? 0;
  const inside = `/proc/${pid}/ns/net`;
  const inode = Number(/\d+/.exec(readlinkSync(inside))?.[0]);
  const run = async (words: readonly string[], until?: AbortSignal): Promise<void> => {
    const argv = [`--net=${inside}`, '--', bin('fairlead'), ...words];
    const command = spawn('nsenter', argv, { stdio: ['ignore', 'ignore', 'pipe'], signal: until });
    const closed = once(command, 'close');
    const said = await command.stderr.setEncoding('utf8').toArray();
    const [code] = await closed;
    if (code !== 0) throw new Error(`fairlead ${words.join(' ')}: ${said.join('')}`);
  };
  return {
    command: (...words) => run(words, signal),
    async hangUp() {
      const heard = log.line(/: (nothing to change|.* to (add|change|remove))/, signal);
      child.kill('SIGHUP');
      await heard;
    },
    async cost(action) {
      writeFileSync(`/proc/${pid}/clear_refs`, '5'); // what was the most memory is counted anew
      const before = cpuSeconds(pid);
      const asking = ask(socketPath(inode));
      try {
        await action();
      } finally {
        await asking.end();
      }
      return { wait: asking.longest(), cpu: cpuSeconds(pid) - before, peak: peakOctets(pid) };
    },
    async stop() {
      const closed = once(child, 'close');
      await run(['unload']); // also where the run is interrupted
      await closed;
    },
  };
}

/** Asks one short question after the other, until it is ended; how long the longest answer took. */
function ask(path: string) {
  const client = createClient(path);
  let isOver = false;
  let longest = 0;
  const asked = (async () => {
    while (!isOver) {
      const began = performance.now();
      await client.call('getTimeouts', {});
      longest = Math.max(longest, performance.now() - began);
      await sleep(2);
    }
  })();
  return {
    async end(): Promise<void> {
      isOver = true;
      await asked;
    },
    longest: (): number => longest,
  };
}

function logOf(child: ChildProcess) {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  return {
    /** Resolves once a line that comes from now on fits. */
    async line(pattern: RegExp, signal: AbortSignal): Promise<void> {
      said = '';
      for (const end = performance.now() + patienceMilliseconds; !pattern.test(said); await sleep(10)) {
        signal.throwIfAborted();
        if (child.exitCode !== null || performance.now() > end) throw new Error(`the daemon: ${said}`);
      }
    },
  };
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function peakOctets(pid: number): number {
  return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
