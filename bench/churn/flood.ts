/**
 * A SYN flood from another process on another CPU: live frames of ever new clients, as many as the CPU makes, with an end
 * in time and in number whatever becomes of the process that wanted it.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate as others } from 'node:timers/promises';
import { listLinks } from '../../src/linux/links.ts';
import { openSource } from '../live/source.ts';

/** The first word of the program's command line that makes it one. */
export const floodWord = '--flood';

/** Clients behind those of established flows. */
const floodClients = 1 << 20;
const flowsOfFlood = 1 << 22;
const portion = 1 << 14;
const longestMs = 10_000;
const mostFrames = 1 << 25;

export type Flooded = { readonly frames: number; readonly seconds: number };

export type Flood = {
  /** Ends it, and answers what it was. */
  stop(): Promise<Flooded>;
};

/** Within the namespace of the other ends: starts one that the director gets by `device`, and answers how to wait for it. */
export function spawnFlood(device: string, cpu: number): () => Promise<Flood> {
  const program = `import(${JSON.stringify(import.meta.url)}).then(({ main }) => main(process.argv.slice(1)))`;
  const words = ['--input-type=module', '-e', program, '--', floodWord, device];
  const child = spawn('taskset', ['-c', String(cpu), process.execPath, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return () => begun(child);
}

/** Resolves once frames are under way. */
async function begun(child: ChildProcess): Promise<Flood> {
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  if ((await lines.next()).done) throw new Error(`the flood ended with ${(await ended)[0]}`);
  return {
    async stop() {
      // No signal: it would interrupt the system call that is under way.
      child.stdin?.end();
      const { value } = await lines.next();
      await ended;
      return JSON.parse(value) as Flooded;
    },
  };
}

/** The process itself, in the namespace that it was started in. */
export async function flood(device: string): Promise<void> {
  const index = listLinks().find(({ name }) => name === device)?.index;
  if (index === undefined) throw new RangeError(`no interface ${device}`);
  let isOver = false;
  // Also when whoever started it has gone.
  process.stdin.once('end', () => {
    isOver = true;
  });
  process.stdin.resume();
  const source = openSource(index, index);
  const began = performance.now();
  let frames = 0;
  while (!isOver && frames < mostFrames && performance.now() - began < longestMs) {
    source.send({ flows: flowsOfFlood, flags: 'SYN', firstClient: floodClients, from: frames }, portion);
    if (frames === 0) process.stdout.write('begun\n');
    frames += portion;
    await others();
  }
  process.stdout.write(`${JSON.stringify({ frames, seconds: (performance.now() - began) / 1000 })}\n`);
  source.close();
  process.stdin.destroy();
}
