/** Every file of bad/, given to a director at work: each is refused, and nothing of the director changes. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createClient } from '../../src/api/client.ts';
import { socketPath } from '../../src/api/paths.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { until } from '../director/processes.ts';
import { addInterface, bin, createNamespace, needsRoot, root } from '../director/support.ts';
import { heldMaps } from '../support/held-maps.ts';

beforeEach(needsRoot);

const bad = `${root}test/config/bad/`;
const cases = readdirSync(bad).filter((name) => name.endsWith('.yaml'));

const good = `
vips: {eth0: [192.0.2.10]}
sysctls: {conn_reuse_mode: 3}
timeouts: {udp: 1m}
marks: [{mark: 7, destination: 192.0.2.7}]
checks: {web: {tcp: {}, interval: 1h, start: up}}
services:
  - {tcp: "192.0.2.10:80", scheduler: wrr, checks: [web], servers: [10.0.0.11, {address: 10.0.0.12, weight: 3}]}
  - {mark: 7, servers: [10.0.0.11]}
`;

test(`none of ${cases.length} files that are wrong changes anything, and each is refused where it is wrong`, async () => {
  const namespace = await createNamespace('bad-files');
  await addInterface(namespace, 'eth0', '10.0.0.1/24');
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'fairlead.yaml');
  writeFileSync(path, good);
  const { child } = namespace.start(`${root}bin/fairleadd`, '--config', path);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    log += piece;
  });
  await until('it is ready', () => log.includes(' ready '), 30_000);
  const client = createClient(socketPath(namespace.inode));
  const held = heldMaps({ inside: (action) => inNamespace(`/run/netns/${namespace.name}`, action) });
  onTestFinished(held.close);
  const state = async () => ({
    tag: (await client.call('status', {})).configuration,
    generation: held.maps().settings.get(0).generation,
    exported: await namespace.must(bin.fairlead, 'export'),
    addresses: await namespace.must('ip', '-o', 'address', 'show', 'dev', 'eth0', 'scope', 'global'),
  });

  const before = await state();
  expect(before.exported).toContain('checks: [web]');
  for (const name of cases) {
    writeFileSync(path, readFileSync(`${bad}${name}`));
    const [first = ''] = readFileSync(`${bad}${name.replace('.yaml', '.txt')}`, 'utf8').split('\n');
    await expect(client.call('reload', {}), name).rejects.toMatchObject({
      code: 'CONFIGURATION_REFUSED',
      message: expect.stringContaining(first.replace('fairlead.yaml', path)),
    });
  }
  expect(await state()).toEqual(before);
});
