/** /healthz and the events of a real director. */

import { beforeEach, expect, test } from 'vitest';
import { socketPath } from '../../src/api/paths.ts';
import { killDaemon } from '../director/daemon.ts';
import { must, start, until } from '../director/processes.ts';
import { command } from '../director/segment.ts';
import { addInterface, createNamespace, type Namespace, needsRoot } from '../director/support.ts';
import { ask } from './asking.ts';

beforeEach(needsRoot);

const health = async (director: Namespace, path = '/healthz') => {
  const text = await ask(director, path, '-w', '%{http_code}');
  return { status: Number(text.slice(-3)), ...JSON.parse(text.slice(0, -3)) };
};

test('a director is ready on an interface, not without one, and not while a filter is missing', async () => {
  const director = await createNamespace('healthz');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  expect(await health(director)).toEqual({
    ...{ status: 503, live: true, ready: false },
    reasons: [{ check: 'interfaces', detail: 'there is no Ethernet interface' }],
  });
  expect(await health(director, '/healthz?live')).toEqual({ status: 200, live: true });

  await addInterface(director, 'eth0', '10.0.0.1/24');
  const ready = { status: 200, live: true, ready: true, reasons: [] };
  await until('the interface is served', async () => (await health(director)).ready);
  expect(await health(director)).toEqual(ready);

  // The watch puts it back within two seconds: whoever asks at once sees that it was missing.
  const seen = await until('a missing filter is seen', async () => {
    await must(['tc', '-n', director.name, 'qdisc', 'del', 'dev', 'eth0', 'clsact']);
    const { status, reasons } = await health(director);
    return status === 503 ? reasons : undefined;
  });
  expect(seen).toEqual([{ check: 'programs', detail: 'somebody has taken them off eth0' }]);
  await until('the watch has put it back', async () => (await health(director)).ready);
});

test('a follower of the events hears each change once, also over a restart of the daemon', async () => {
  const director = await createNamespace('events');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  const listen = (...more: readonly string[]) => {
    const heard: string[] = [];
    const { child, kill } = start([
      ...['curl', '-sN', '--unix-socket', socketPath(director.inode), ...more],
      'http://director/v1/events',
    ]);
    child.stdout?.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    const events = () =>
      [...heard.join('').matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data));
    return { events, kill, begun: () => heard.length > 0 };
  };
  const first = listen();
  await until('it follows', first.begun);
  await command(director, '-a -t 10.0.0.100:80 -r 10.0.0.2:80 -g');
  await command(director, '-e -t 10.0.0.100:80 -r 10.0.0.2:80 -g -w 7');
  await command(director, '-e -t 10.0.0.100:80 -r 10.0.0.2:80 -g -w 7');
  await addInterface(director, 'eth0');
  const kinds = () => first.events().map(({ kind }) => kind);
  await until('the interface was seen', () => kinds().includes('interface-attached'));
  const of = { service: 'tcp:10.0.0.100:80', server: '10.0.0.2:80' };
  expect(first.events().slice(0, 2)).toMatchObject([
    { kind: 'server-added', ...of },
    { kind: 'weight-changed', ...of, from: 1, to: 7 },
  ]);

  await killDaemon(director);
  await command(director, '-D -t 10.0.0.100:80');
  const last = first.events().at(-1).id;
  const second = listen('-H', `last-event-id: ${last}`);
  await until('it hears what it has missed', () => second.events().length >= 3);
  expect(second.events()).toMatchObject([
    { after: last },
    { kind: 'daemon-started', adopted: true },
    { kind: 'service-removed', service: 'tcp:10.0.0.100:80' },
  ]);
});
