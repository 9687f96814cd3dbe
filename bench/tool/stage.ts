/** A client, a director and two real servers that serve a page, as in the walkthrough; and a director's daemon. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labEnvironment } from '../../src/lab/environment.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { namespacePrefix } from '../../src/lab/plan.ts';
import { dr } from '../../src/lab/topologies.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import type { Where } from './timed.ts';

export const vip = '172.25.138.100';
export const realServers: Readonly<Record<string, string>> = {
  server2: '172.25.138.2',
  server3: '172.25.138.3',
};
export const ipvsadm = fileURLToPath(new URL('../../bin/ipvsadm', import.meta.url));
const fairlead = fileURLToPath(new URL('../../bin/fairlead', import.meta.url));
const requests = fileURLToPath(new URL('../../test/support/requests.mjs', import.meta.url));

/** What clients noticed: milliseconds from the beginning of a connection to the end of an answer. */
export type Noticed = {
  readonly answered: number;
  readonly failed: number;
  /** Half of all answers took no longer, 99 of 100, none. */
  readonly half: number;
  readonly most: number;
  readonly longest: number;
};

export type Stage = {
  readonly director: Where;
  /** The daemon's. */
  pid(): Promise<number>;
  /** A file of its own. */
  file(name: string, text: string): string;
  ip(words: string): Promise<void>;
  /** What clients of the web service notice while something else is done. */
  beside<T>(action: () => Promise<T>): Promise<{ readonly result: T; readonly noticed: Noticed }>;
  close(): Promise<void>;
};

export async function openStage(signal: AbortSignal): Promise<Stage> {
  const lab = await openLab(dr, signal);
  const director = lab.host('server1');
  const must = async (host: string, ...argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.host(host).run(argv);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
    return stdout;
  };
  await must('server1', 'ip', 'address', 'add', `${vip}/24`, 'dev', 'eth0');
  for (const [server] of Object.entries(realServers)) await serve(lab, server, must);
  return {
    director: {
      inside: (action) => inNamespace(`/run/netns/${namespacePrefix(lab.id)}server1`, action),
      env: labEnvironment(lab.id, 'server1'),
    },
    pid: async () => Number(JSON.parse(await must('server1', fairlead, 'status', '--json')).pid),
    file(name, text) {
      const path = join(director.directory, name);
      writeFileSync(path, text);
      return path;
    },
    ip: async (words) => void (await must('server1', 'ip', ...words.split(' '))),
    async beside(action) {
      const client = lab.host('client');
      const asking = await client.start([process.execPath, requests, vip, '80', '4'], 'requests.log');
      try {
        const result = await action();
        process.kill(asking.pid, 'SIGTERM');
        const text = await endOf(join(client.directory, 'requests.log'), signal);
        return { result, noticed: JSON.parse(text) };
      } finally {
        await asking.stop();
      }
    },
    close: async () => {
      for (const sentence of await lab.close()) process.stderr.write(`bench: ${sentence}\n`);
    },
  };
}

/** A real server with the virtual address on lo, which answers no ARP for it. */
async function serve(
  lab: Lab,
  server: string,
  must: (host: string, ...argv: string[]) => Promise<string>,
): Promise<void> {
  const conf = '/proc/sys/net/ipv4/conf/all';
  await must(server, 'sh', '-c', `echo 1 > ${conf}/arp_ignore; echo 2 > ${conf}/arp_announce`);
  await must(server, 'ip', 'address', 'add', `${vip}/32`, 'dev', 'lo');
  await must(server, 'sh', '-c', 'mkdir -p www && echo hello > www/index.html');
  await lab.host(server).serve(['busybox', 'httpd', '-f', '-p', '80', '-h', 'www'], 'httpd.log', 80);
}

/** What a program has written once it has ended its line. */
async function endOf(path: string, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const text = readFileSync(path, 'utf8');
    if (text.endsWith('\n')) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
