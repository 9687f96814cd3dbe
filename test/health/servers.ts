/** Real servers that are killed and started again, and what the director says of their health. */

import { expect } from 'vitest';
import { createClient } from '../../src/api/client.ts';
import type { HealthStatus, ServerHealth } from '../../src/api/health.ts';
import { socketPath } from '../../src/api/paths.ts';
import { type Background, must, until } from '../director/processes.ts';
import type { Segment, Server } from '../director/segment.ts';
import { bin, type Namespace, root } from '../director/support.ts';

/** A web server on a port of a real server, whose only page is the real server's label. */
export function serve(server: Server, port = 80): Background {
  return server.start(process.execPath, `${root}test/health/page.mjs`, String(port), server.label);
}

/** Kills it, and waits until nobody listens there any more. */
export async function kill(server: Server, web: Background, port = 80): Promise<number> {
  const at = Date.now();
  web.kill();
  await until('nobody listens', async () => {
    const { stdout } = await server.run(['ss', '-Hltn', `sport = :${port}`]);
    return stdout === '';
  });
  return at;
}

export async function apply(director: Namespace, file: string): Promise<void> {
  const { code, stderr } = await director.run([bin.fairlead, 'apply', '-'], { input: file });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

export async function healthOf({ inode }: Namespace): Promise<HealthStatus> {
  return await createClient(socketPath(inode)).call('getHealth', {});
}

/** A real server in the first service that has it. */
export async function serverHealth(director: Namespace, address: string, service = 0): Promise<ServerHealth> {
  const { services } = await healthOf(director);
  const found = services[service]?.servers.find(({ server }) => server.startsWith(`${address}:`));
  if (!found) throw new Error(`${address} is in no service`);
  return found;
}

/** `2=1 3=0`: the last part of each real server's address, and its weight, of a service. */
export async function weights({ ipvsadm }: Namespace, service: string): Promise<string> {
  const { stdout } = await ipvsadm(`-Ln -t ${service}`);
  const rows = [...stdout.matchAll(/-> [\d.]+\.(\d+):\d+ +Route +(\d+)/g)];
  return rows
    .map(([, host, weight]) => `${host}=${weight}`)
    .sort()
    .join(' ');
}

export async function untilState(
  director: Namespace,
  address: string,
  state: ServerHealth['state'],
): Promise<ServerHealth> {
  return await until(
    `${address} is ${state}`,
    async () => {
      const server = await serverHealth(director, address);
      return server.state === state && server;
    },
    20_000,
  );
}

export type Steady = {
  readonly sent: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly failures: readonly { readonly at: number; readonly why: string }[];
};

/** Asks so many times a second until it is stopped; less often where this machine does not come to it. */
export function steadyLoad({ client }: Segment, vip: string, perSecond: number) {
  const script = `${root}test/health/steady.mjs`;
  const { child } = client.start('node', script, vip, '80', String(perSecond));
  let heard = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  return async (): Promise<Steady> => {
    child.kill('SIGTERM');
    await until('the load has ended', () => heard.endsWith('\n'), 15_000);
    return JSON.parse(heard) as Steady;
  };
}

/** Takes the VIP off a real server. */
export async function dropVip(server: Server, vip: string): Promise<void> {
  await must(['ip', '-n', server.name, 'address', 'del', `${vip}/32`, 'dev', 'lo']);
}
