/** A large file, a hundredth of it changed, while connections flow: only that is touched, and nobody notices. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { DirectorMaps } from '../../src/dataplane/bpf/director-maps.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { answer, load } from '../director/load.ts';
import { until } from '../director/processes.ts';
import { createSegment, type Segment, vip } from '../director/segment.ts';
import { needsRoot, root } from '../director/support.ts';
import { heldMaps } from '../support/held-maps.ts';

beforeEach(needsRoot);

/** The size that is promised (docs/operations.md) is FAIRLEAD_RELOAD_SERVICES=2000; it then says how long each took. */
const asked = process.env['FAIRLEAD_RELOAD_SERVICES'];
const services = Number(asked ?? 300);
const servers = 20;
const limitMs = 120_000;
const clients = 2;

/** Of so many services each real server has another weight. */
const changed = Math.ceil(services / 100);

/** `services` of twenty real servers each that nobody asks, and one that serves. */
function file(weightOfChanged: number, serving: Segment['servers']): string {
  const others = Array.from({ length: services }, (_, at) => {
    const weight = at % 100 === 50 ? weightOfChanged : 1;
    const members = Array.from(
      { length: servers },
      (__, server) => `      - {address: 172.${16 + (at >> 8)}.${at & 255}.${server + 1}, weight: ${weight}}`,
    );
    return [`  - tcp: 10.${at >> 8}.${at & 255}.1:80`, '    scheduler: wlc', '    servers:', ...members];
  });
  const own = [
    `  - tcp: ${vip}:7`,
    '    scheduler: rr',
    `    servers: [${serving.map((each) => each.address)}]`,
  ];
  return ['services:', ...own, ...others.flat(), ''].join('\n');
}

type Entries = ReadonlyMap<string, string>;

/** What the kernel has of services and real servers, octet for octet: by key and by slot. */
function entriesOf({
  services: byKey,
  destinations,
  members,
}: DirectorMaps): Readonly<Record<string, Entries>> {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each));
  const texts = (entries: Iterable<readonly [unknown, unknown]>): Entries =>
    new Map([...entries].map(([key, value]) => [text(key), text(value)]));
  return {
    services: texts(byKey.entries()),
    destinations: texts(destinations.used()),
    members: texts(members.used()),
  };
}

function differing(before: Entries | undefined, after: Entries | undefined): number {
  const keys = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...keys].filter((key) => before?.get(key) !== after?.get(key)).length;
}

test(`${services} services of ${servers} real servers, 1 % changed, under load: no reset, and only what has changed is touched`, async () => {
  const segment = await createSegment('s2', 's3');
  const { client, director } = segment;
  await Promise.all(segment.servers.map((server) => answer(server)));

  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'fairlead.yaml');
  writeFileSync(path, file(1, segment.servers));
  const { child, pid } = director.start(`${root}bin/fairleadd`, '--config', path);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    log += piece;
  });
  await until('it is ready', () => log.includes(' ready '), limitMs);

  const held = heldMaps({ inside: (action) => inNamespace(`/run/netns/${director.name}`, action) });
  onTestFinished(held.close);
  const talk = load(client, 'talk', vip, '7');
  const asks = load(client, 'ask', vip, '7', String(clients));
  await until('connections flow', async () =>
    (await director.ipvsadm('-Ln --stats')).stdout
      .split('\n')
      .some((line) => / -> 172\.25.* +[1-9]\d* /.test(line)),
  );

  const fairlead = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await director.run([`${root}bin/fairlead`, ...words], { limitMs });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const reloads = {
    apply: () => fairlead('apply', path),
    reload: () => fairlead('reload'),
    SIGHUP: async () => {
      const before = log.length;
      process.kill(pid, 'SIGHUP');
      await until('it is reloaded', () => log.slice(before).includes(' to change\n'), limitMs);
      return log.slice(before);
    },
  };
  for (const [at, [way, reload]] of Object.entries(reloads).entries()) {
    const [entries, generation] = [entriesOf(held.maps()), held.maps().settings.get(0).generation];
    writeFileSync(path, file(2 + at, segment.servers));
    const began = performance.now();
    expect(await reload(), way).toContain(`${changed * servers} real servers to change\n`);
    if (asked !== undefined) console.info(`${way}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const after = entriesOf(held.maps());
    expect(held.maps().settings.get(0).generation, `${way}: one write decides`).toBe(generation + 1);
    expect(differing(entries['services'], after['services']), way).toBe(changed);
    expect(differing(entries['destinations'], after['destinations']), way).toBe(changed * servers);
    expect(after['services']?.size, way).toBe(services + 1);
    // The lists of these services are elsewhere now, where a packet does not meet them half written.
    expect(differing(entries['members'], after['members']), way).toBe(changed * servers);
    expect(await fairlead('apply', path)).toBe('nothing to change\n');
    expect(differing(after['services'], entriesOf(held.maps())['services']), `${way}, again`).toBe(0);
  }

  const [talked, answers] = [await talk(), await asks()];
  expect(talked.failures).toEqual([]);
  expect(answers.failures).toEqual([]);
  expect(talked.answered).toBeGreaterThan(Object.keys(reloads).length);
  // Each connection was counted once, on the service and on its real servers.
  const { stdout } = await director.ipvsadm(`-Ln -t ${vip}:7 --stats --exact`);
  const [whole = 0, ...parts] = [...stdout.matchAll(/^(?:TCP| {2}->) +\S+ +(\d+)/gm)].map(([, count]) =>
    Number(count),
  );
  expect(whole).toBe(answers.answered + 1);
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(whole);
}, 600_000);
