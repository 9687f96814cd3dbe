/** What the API says of itself, by a director that has some of everything. */

import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { beforeEach, expect, test } from 'vitest';
import { answers } from '../../src/api/answers.ts';
import { socketPath } from '../../src/api/paths.ts';
import { type RouteName, routePath, routes } from '../../src/api/routes.ts';
import { applyText, createPair, createToken, temporaryDirectory } from './asking.ts';
import { killDaemon } from './daemon.ts';
import { command, createSegment, sendDatagrams, vip } from './segment.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
type Answer = { readonly status: number; readonly tag: string | undefined; readonly body: string };

/** On the unix socket. */
function ask(
  { inode }: Namespace,
  path: string,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const asked = request(
      { socketPath: socketPath(inode), path, method, headers: { ...headers, ...type } },
      (response) => {
        response.toArray().then((pieces) => {
          const body = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode ?? 0, tag: response.headers.etag, body });
        }, reject);
      },
    );
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('every answer has the shape that the description says', async () => {
  const { client, director } = await createSegment('s2');
  await command(director, `-A -u ${vip}:53 -s rr -p 60`);
  await command(director, `-a -u ${vip}:53 -r 172.25.138.2 -g`);
  await command(director, '-A -f 7 -s mh -b mh-port');
  await command(director, '-a -f 7 -r 10.0.0.2 -i --tun-type gue --tun-port 6080');
  await command(director, '--start-daemon master --mcast-interface eth0');
  const file = `vips: {eth0: [192.0.2.9]}\nmarks: [{mark: 7, destination: 10.0.0.0/8, ports: [80], interface: eth0}]\napi: {listen: [{address: "127.0.0.1:8080", plain_text: true}]}\n`;
  expect((await applyText(director, file)).stderr).toBe('');
  await sendDatagrams(client, 53, { count: 5, payload: 10, from: 40_000, spread: true });
  const params = { service: `udp:${vip}:53` };
  const checked: string[] = [];
  for (const [name, schema] of Object.entries(answers)) {
    const { method, path, ...rest } = routes[name as RouteName];
    if (method !== 'GET' || !schema) continue;
    const { status, body } = await ask(director, routePath(path, params));
    expect(status, name).toBe(200);
    const values =
      'stream' in rest
        ? body
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [JSON.parse(body)];
    expect(values.flat().length, `${name} has something to show`).toBeGreaterThan(0);
    const compiled = Compile(schema);
    for (const value of values) expect([...compiled.Errors(value)], name).toEqual([]);
    checked.push(name);
  }
  expect(checked.length).toBeGreaterThan(12);
});

test('a configuration has an ETag, by which a change is made to that one or to none', async () => {
  const namespace = await createNamespace('etag');
  await addInterface(namespace, 'eth0', '10.0.0.1/24');
  await command(namespace, '-A -t 10.0.0.100:80 -s rr');
  const tagOf = async (path = '/v1/configuration'): Promise<string> => {
    const { status, tag, body } = await ask(namespace, path);
    expect([status, JSON.parse((await ask(namespace, '/v1/status')).body).configuration]).toEqual([200, tag]);
    expect(body).not.toContain('counters');
    return tag ?? '';
  };
  const first = await tagOf();
  expect(await tagOf('/v1/configuration/tcp:10.0.0.100:80')).toBe(first);
  expect(await ask(namespace, '/v1/configuration', { headers: { 'if-none-match': first } })).toEqual({
    status: 304,
    tag: first,
    body: '',
  });
  await killDaemon(namespace);
  await namespace.ipvsadm('-Ln');
  expect(await tagOf(), 'of another daemon, for the same configuration').toBe(first);

  let known = first;
  for (const change of [
    () => command(namespace, '-E -t 10.0.0.100:80 -s wrr'),
    () => command(namespace, '--set 100 0 0'),
    () => namespace.fairlead('sysctl -w drop_entry=1'),
    () => namespace.fairlead('mark add -d 10.0.0.9 7'),
    () => applyText(namespace, 'vips: {eth0: [192.0.2.9]}\n'),
  ]) {
    await change();
    const tag = await tagOf();
    expect(tag).not.toBe(known);
    const stale = { method: 'PUT', headers: { 'if-match': known }, body: { tcp: 50, tcpFin: 0, udp: 0 } };
    const refused = await ask(namespace, '/v1/timeouts', stale);
    expect(JSON.parse(refused.body)).toMatchObject({ status: 412, code: 'CONFIGURATION_CHANGED' });
    expect(await tagOf()).toBe(tag);
    known = tag;
  }
  const path = '/v1/services/tcp:10.0.0.100:80';
  const done = await ask(namespace, path, { method: 'DELETE', headers: { 'if-match': `"x", ${known}` } });
  expect(done).toMatchObject({ status: 204, tag: await tagOf() });
  expect(done.tag).not.toBe(known);
});

test('the examples of docs/api.md do what they say', async () => {
  const namespace = await createNamespace('examples');
  await namespace.must('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'lo');
  const directory = temporaryDirectory();
  const { certificate, key } = await createPair(directory, 'api', undefined, '192.0.2.1');
  const tokens = join(directory, 'tokens');
  const page = readFileSync(`${root}docs/api.md`, 'utf8').replaceAll('/etc/fairlead', directory);
  const file = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
  expect([file.includes(certificate), file.includes(key)]).toEqual([true, true]);
  const text = `${file}  tokens: ${tokens}\n`;
  expect(await applyText(namespace, text)).toMatchObject({ code: 0, stderr: '' });
  await createToken(tokens, 'before', 'read-only');
  const examples = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, each = '']) => each);
  expect(examples.length).toBeGreaterThan(4);
  const script = join(directory, 'examples.sh');
  writeFileSync(
    script,
    `set -eu\nfairlead() { if [ "$1" = token ]; then ${bin.fairlead} "$@" --file ${tokens}; else ${bin.fairlead} "$@"; fi; }\n${examples.join('\n')}`,
  );
  const { code, stdout, stderr } = await namespace.run(['bash', script], { env: { HOME: directory } });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('error: 5')]);
  expect(stdout).toContain('{"refused":null}');
  expect(stdout).toMatch(/CONFIGURATION_CHANGED.*refused\n$/s);
  const { stdout: table } = await namespace.ipvsadm('-Ln');
  // The transaction has put one real server into the other's place, and that one is deleted at last.
  expect(table).toMatch(/TCP {2}192\.0\.2\.10:80 wlc\n$/);
  expect((await namespace.ipvsadm('-L --timeout')).stdout).toContain('1200');
});
