/** ipvsadm -S and -R against a director that directs: what is saved comes back, and no client notices. */

import { Readable } from 'node:stream';
import { beforeEach, expect, test } from 'vitest';
import { createClient } from '../../src/api/client.ts';
import { socketPath } from '../../src/api/paths.ts';
import { main } from '../../src/ipvsadm/main.ts';
import { collector } from '../../src/ipvsadm/test-streams.ts';
import { goldenNames } from '../golden/subset.ts';
import { generateLines } from '../lines/generate.ts';
import { hostsText } from '../lines/guest.ts';
import { createSegment, serveNames, vip } from './segment.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

/** ipvsadm in this process, which asks the daemon of a namespace. */
function ipvsadmFor({ inode }: Namespace) {
  const client = createClient(socketPath(inode));
  const names = goldenNames(hostsText);
  return async (argv: readonly string[], stdin = ''): Promise<string> => {
    const [stdout, stderr] = [collector(), collector()];
    await main(argv, {
      ...{ connect: () => Promise.resolve(client), names, isRoot: () => true },
      ...{ stdin: Readable.from([stdin]), stdout: stdout.stream, stderr: stderr.stream },
    });
    return stdout.text();
  };
}

/**
 * A listing, service by service. Addresses more than half of all numbers apart have no order (src/ipvsadm/sort.ts):
 * theirs is that in which they came.
 */
function servicesOf(listing: string): readonly string[] {
  const [heading = '', ...services] = listing.split(/\n(?=TCP|UDP|SCTP|FWM)/);
  return [heading, ...services.map((text) => text.trimEnd().split('\n').sort().join('\n')).sort()];
}

test('what is listed can be saved, restored and listed again unchanged', { timeout: 120_000 }, async () => {
  const director = await createNamespace('restore');
  await addInterface(director, 'eth0', '10.0.0.2/24');
  await director.ipvsadm('-C');
  const ipvsadm = ipvsadmFor(director);
  const views = [['-Ln'], ['-Ln', '--tun-info'], ['-Ln', '--persistent-conn'], ['-Ln', '--stats']];
  let services = 0;
  for (const seed of ['one', 'two', 'three', 'four', 'five', 'six']) {
    for (const { argv, stdin } of generateLines(seed, 120)) await ipvsadm(argv, stdin);
    // Marks from 2147483648 on are printed as negative numbers, which ipvsadm does not read.
    for (const [, mark, family] of (await ipvsadm(['-S', '-n'])).matchAll(/^-A -f (-\d+)( -6)?/gm))
      await ipvsadm(['-D', '-f', String(Number(mark) >>> 0), ...(family ? ['-6'] : [])]);
    const list = async () => await Promise.all(views.map(async (view) => servicesOf(await ipvsadm(view))));
    const [listed, saved] = [await list(), await ipvsadm(['-S', '-n'])];
    await ipvsadm(['-C']);
    expect(await ipvsadm(['-S', '-n'])).toBe('');
    await ipvsadm(['-R'], saved);
    expect(await list(), `seed ${seed}`).toEqual(listed);
    expect((await ipvsadm(['-S', '-n'])).split('\n').sort()).toEqual(saved.split('\n').sort());
    services += listed[0]?.length ?? 0;
  }
  expect(services).toBeGreaterThan(20);
});

test('no client notices that thousands of services are restored and removed', {
  timeout: 120_000,
}, async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director } = segment;
  await serveNames(segment, 'rr');
  const table = largeTable(300, 10);
  const { child } = client.start(process.execPath, `${root}test/support/requests.mjs`, vip, '80', '3');
  const told = new Promise<string>((resolve) => child.stdout?.once('data', (text) => resolve(String(text))));

  const restored = await director.run([bin.ipvsadm, '-R'], { input: table });
  const removed = table.split('\n').filter((line) => line.startsWith('-A'));
  const input = removed.map((line) => line.replace('-A', '-D').replace(/ -s .*/, '')).join('\n');
  expect(restored).toEqual({ stdout: '', stderr: '', code: 0 });
  expect((await director.ipvsadm('-Sn')).stdout.split('\n')).toHaveLength(300 * 11 + 3 + 1);
  expect(await director.run([bin.ipvsadm, '-R'], { input })).toEqual({ stdout: '', stderr: '', code: 0 });
  expect((await director.ipvsadm('-Sn')).stdout.split('\n')).toHaveLength(3 + 1);

  process.kill(child.pid ?? 0, 'SIGTERM');
  const { answered, failed } = JSON.parse(await told);
  expect(failed).toBe(0);
  expect(answered).toBeGreaterThan(50);
});

function largeTable(services: number, servers: number): string {
  const lines: string[] = [];
  for (let service = 0; service < services; service++) {
    const name = `-t 10.1.${service >>> 8}.${service & 0xff}:80`;
    lines.push(`-A ${name} -s wlc`);
    for (let server = 1; server <= servers; server++)
      lines.push(`-a ${name} -r 10.2.${service >>> 8}.${server}:80 -g -w ${server}`);
  }
  return `${lines.join('\n')}\n`;
}
