/** The API over TCP: who is let in, what he may do, and what becomes of the listener and of the namespace it is in. */

import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeApi } from '../../src/api/openapi.ts';
import { logPath, savedPath } from '../../src/api/paths.ts';
import { type RouteName, routePath, routes } from '../../src/api/routes.ts';
import {
  type Asker,
  applyText,
  bearer,
  createAsker,
  createPair,
  createToken,
  type Pair,
  temporaryDirectory,
} from './asking.ts';
import { daemonsOf, holdingsOf, killDaemon, runFiles, stillThere } from './daemon.ts';
import { must, until } from './processes.ts';
import { command, createSegment } from './segment.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const problemType = 'application/problem+json';
const done = { code: 0, stderr: '' };

type World = {
  readonly namespace: Namespace;
  readonly directory: string;
  readonly tokens: string;
  readonly pair: Pair;
  readonly ask: Asker;
};

/** A director with one service whose API listens on 127.0.0.1:8443 with TLS and on :8080 without. */
async function createWorld(label: string, more = ''): Promise<World> {
  const namespace = await createNamespace(label);
  await addInterface(namespace, 'eth0');
  const directory = temporaryDirectory();
  const pair = await createPair(directory, 'api');
  const tokens = join(directory, 'tokens');
  const text = fileText({ pair, tokens }, more);
  expect(await applyText(namespace, text)).toMatchObject(done);
  return { namespace, directory, tokens, pair, ask: createAsker(namespace) };
}

function fileText({ pair, tokens }: Pick<World, 'pair' | 'tokens'>, more = ''): string {
  return `
api:
  tokens: ${tokens}
  rate: 10000
  listen:
    - {address: "127.0.0.1:8443", certificate: ${pair.certificate}, key: ${pair.key}${more}}
    - {address: "127.0.0.1:8080", plain_text: true}
services:
  - {tcp: "10.0.0.100:80", servers: [10.0.0.11]}
`;
}

const params = {
  service: 'tcp:10.0.0.100:80',
  destination: '10.0.0.11:80',
  number: '1',
  role: 'master',
  interface: 'lo',
  vip: '10.0.0.1/32',
};

/** Every path and method that the API's own description has. */
function describedRoutes(): readonly { readonly method: string; readonly path: string }[] {
  const paths = describeApi('test')['paths'] as Readonly<Record<string, object>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{(\w+)\}/g, ':$1'),
    })),
  );
}

describe('over TCP', () => {
  test('no route gives anything without a token, with a wrong one or with one that has expired, be it there or not', async () => {
    const { tokens, pair, ask, namespace } = await createWorld('strangers');
    const expired = await createToken(tokens, 'old', 'operator');
    writeFileSync(tokens, readFileSync(tokens, 'utf8').replace(' never ', ' 2026-01-01T00:00:00Z '));
    const before = await namespace.fairlead('export');
    const described = describedRoutes();
    expect(described.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/metrics', '/healthz', '/v1/events']),
    );
    expect(described.length).toBeGreaterThanOrEqual(Object.keys(routes).length);
    const paths = [
      ...described,
      { method: 'GET', path: '/v1/none' },
      { method: 'PUT', path: '/' },
      { method: 'OPTIONS', path: '/v1/status' },
    ];
    for (const headers of [
      {},
      bearer('fairlead_wrong'),
      bearer(expired),
      { authorization: 'Basic cm9vdDo=' },
    ]) {
      const answers = new Set<string>();
      for (const { method, path } of paths) {
        const tls = { ca: pair.certificate };
        const reply = await ask({ port: 8443, method, path: routePath(path, params), headers, tls });
        expect(reply.status, `${method} ${path}`).toBe(401);
        const { date: _, ...fields } = reply.headers;
        answers.add(JSON.stringify(fields) + reply.body.replace(/^$/, method === 'HEAD' ? '' : reply.body));
      }
      expect(answers.size, 'all routes look alike').toBe(1);
      const [answer = ''] = answers;
      expect(answer).toContain(problemType);
      expect(answer).toContain('UNAUTHENTICATED');
    }
    expect(await namespace.fairlead('export')).toEqual(before);
  });

  test('a read-only token may look and nothing else; an operator changes things, which the log has, but not who may come in', async () => {
    const { tokens, ask, namespace } = await createWorld('roles');
    const reader = await createToken(tokens, 'reader', 'read-only');
    const before = await namespace.fairlead('export');
    for (const [name, { method, path, role }] of Object.entries(routes)) {
      const question = { port: 8080, method, path: routePath(path, params), headers: bearer(reader) };
      const { status, body } = await ask(question);
      if (role === 'read-only') expect(status, name).toBe(200);
      else expect({ status, ...JSON.parse(body) }, name).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
    expect(await namespace.fairlead('export')).toEqual(before);

    const operator = await createToken(tokens, 'deploy', 'operator');
    const headers = { ...bearer(operator), 'content-type': 'application/json' };
    const post = async (path: string, body: unknown, method = 'POST') =>
      (await ask({ port: 8080, method, path, headers, body: JSON.stringify(body) })).status;
    const path = routePath(routes.addDestination.path, params);
    const thresholds = { upperThreshold: 0, lowerThreshold: 0 };
    const server = { address: '10.0.0.12', port: 80, method: 'gate', weight: 3, ...thresholds };
    expect([await post(path, server), await post(path, server)]).toEqual([204, 409]);
    expect((await namespace.ipvsadm('-Ln')).stdout).toContain('10.0.0.12:80');
    const local = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].role === 'local');
    expect(local.length).toBeGreaterThan(0);
    for (const name of local)
      expect(await post(routePath(routes[name].path, params), {}, routes[name].method), name).toBe(403);
    const opening = { route: 'setApi', body: { listeners: [], tokens: '/x', rate: 1 } };
    expect(await post('/v1/transaction', [opening])).toBe(403);
    for (const what of ['destinations', '/v1/transaction']) {
      const line = new RegExp(` api: POST \\S*${what} token=deploy role=operator from=127.0.0.1 status=`);
      await until('the log has it', () => line.test(readFileSync(logPath(namespace.inode), 'utf8')));
    }

    const statusWith = async (token: string) =>
      (await ask({ port: 8080, path: '/v1/status', headers: bearer(token) })).status;
    await must([bin.fairlead, 'token', 'revoke', 'reader', '--file', tokens]);
    expect([await statusWith(reader), await statusWith(operator)], 'without a reload').toEqual([401, 200]);
    chmodSync(tokens, 0o666);
    expect(await statusWith(operator), 'where others could have written it').toBe(401);
    chmodSync(tokens, 0o600);
    expect(await statusWith(operator)).toBe(200);
  });

  test('what streams in the name of a token ends when that is revoked', async () => {
    const { tokens, namespace } = await createWorld('streams');
    const [one, other] = [
      await createToken(tokens, 'one', 'read-only'),
      await createToken(tokens, 'other', 'read-only'),
    ];
    const follow = (token: string) => {
      const url = 'http://127.0.0.1:8080/v1/events?since=0';
      const { child } = namespace.start('curl', '-sN', '-H', `authorization: Bearer ${token}`, url);
      let text = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      return { heard: () => text, isOver: () => child.exitCode !== null };
    };
    const [revoked, kept] = [follow(one), follow(other)];
    for (const { heard } of [revoked, kept])
      await until('it hears of events', () => heard().includes('event: '), 15_000);
    await must([bin.fairlead, 'token', 'revoke', 'one', '--file', tokens]);
    await until('it has ended', revoked.isOver, 15_000);
    await command(namespace, '-A -t 10.0.0.99:80 -s rr');
    await until('the other hears on', () => kept.heard().includes('tcp:10.0.0.99:80'), 15_000);
    expect(revoked.heard()).not.toContain('10.0.0.99');
    expect(kept.isOver()).toBe(false);
  });

  test('what does not fit is refused, and says how: types, keys, sizes, syntax, methods', async () => {
    const { tokens, ask } = await createWorld('misfits');
    const token = bearer(await createToken(tokens, 'deploy', 'operator'));
    const json = { ...token, 'content-type': 'application/json' };
    const codeOf = async (question: Partial<Parameters<Asker>[0]>) => {
      const { status, headers, body } = await ask({
        port: 8080,
        method: 'PUT',
        path: '/v1/timeouts',
        headers: json,
        ...question,
      });
      expect(headers['content-type']).toContain(problemType);
      const problem = JSON.parse(body) as { code: string; detail?: string; status: number };
      expect(problem.status).toBe(status);
      return [problem.code, problem.detail];
    };
    expect(await codeOf({ body: '{"tcp":1' })).toEqual(['BAD_REQUEST', expect.stringMatching(/JSON/)]);
    expect(await codeOf({ body: '{"tcp":1,"tcpFin":1,"udp":1,"sctp":1}' })).toEqual([
      'BAD_REQUEST',
      expect.stringMatching(/additional properties/),
    ]);
    expect(
      await codeOf({
        body: 'tcp=1',
        headers: { ...token, 'content-type': 'application/x-www-form-urlencoded' },
      }),
    ).toEqual(['NOT_JSON', 'content-type: application/json']);
    expect(await codeOf({ body: `[${' '.repeat(3 << 20)}]` })).toEqual([
      'BODY_TOO_LARGE',
      expect.any(String),
    ]);
    expect(await codeOf({ headers: { ...token, cookie: 'x'.repeat(20_000) } })).toEqual([
      'HEADERS_TOO_LARGE',
      undefined,
    ]);
    expect(await codeOf({ method: 'PATCH', headers: token })).toEqual([
      'ROUTE_NOT_FOUND',
      'PATCH /v1/timeouts',
    ]);
  });
});

describe('TLS', () => {
  test('is 1.2 or newer; new certificates are taken up by themselves, without dropping a connection, and the old ones stay where the new do not fit', async () => {
    const { tokens, directory, pair, ask, namespace } = await createWorld('tls');
    const headers = bearer(await createToken(tokens, 'reader', 'read-only'));
    const question = { port: 8443, path: '/v1/status', headers };
    const versions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const outdated = await ask({ ...question, tls: { ca: pair.certificate, ...versions } });
    expect(outdated.error).toMatch(/protocol version/i);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
      expect((await ask({ ...question, tls: { ca: pair.certificate, maxVersion } })).status).toBe(200);
    expect((await ask(question)).error, 'in plain text').toBeDefined();

    const old = join(directory, 'old.crt');
    writeFileSync(old, readFileSync(pair.certificate));
    const staying = createAsker(namespace);
    const stays = async () => await staying({ ...question, tls: { ca: old }, keep: true });
    const { status, clientPort } = await stays();
    expect(status).toBe(200);
    const next = await createPair(directory, 'next');
    const answered = async (ca: string) => (await ask({ ...question, tls: { ca } })).status === 200;
    renameSync(next.certificate, pair.certificate); // its key is still the old one
    await until('the log says that they do not fit', () =>
      /key values mismatch/.test(readFileSync(logPath(namespace.inode), 'utf8')),
    );
    expect(await answered(old)).toBe(true);
    renameSync(next.key, pair.key);
    await until('the new one is shown', () => answered(pair.certificate));
    expect(await answered(old)).toBe(false);
    expect(await stays(), 'over the connection from before').toMatchObject({ status: 200, clientPort });
  });

  test('asks for a certificate of the client where a client_ca says who signs them, and a token besides', async () => {
    const directory = temporaryDirectory();
    const authority = await createPair(directory, 'authority');
    const { tokens, pair, ask } = await createWorld('clients', `, client_ca: ${authority.certificate}`);
    const client = await createPair(directory, 'client', authority);
    const headers = bearer(await createToken(tokens, 'reader', 'read-only'));
    const tls = { ca: pair.certificate };
    const own = { ...tls, cert: client.certificate, key: client.key };
    expect((await ask({ port: 8443, path: '/v1/status', headers, tls: own })).status).toBe(200);
    expect((await ask({ port: 8443, path: '/v1/status', tls: own })).status).toBe(401);
    expect((await ask({ port: 8443, path: '/v1/status', headers, tls })).error).toBeDefined();
    const other = { ...tls, cert: pair.certificate, key: pair.key };
    expect((await ask({ port: 8443, path: '/v1/status', headers, tls: other })).error).toBeDefined();
  });
});

describe('the configuration of listeners', () => {
  test('is applied as a whole or not at all', async () => {
    const { namespace, tokens, pair, ask } = await createWorld('whole');
    const headers = bearer(await createToken(tokens, 'reader', 'read-only'));
    const before = await namespace.fairlead('export');
    namespace.start('busybox', 'httpd', '-f', '-p', '127.0.0.1:9000');
    await until('the port is taken', async () => (await namespace.must('ss', '-ltn')).includes(':9000'));
    const listener = (words: string) => `api: {listen: [{${words}}], tokens: ${tokens}}\nservices: []\n`;
    for (const [words, message] of [
      [`address: "127.0.0.1:9000", plain_text: true`, /EADDRINUSE/],
      [`address: "192.0.2.1:8443", certificate: ${pair.certificate}, key: ${pair.key}`, /EADDRNOTAVAIL/],
      [`address: "127.0.0.1:8443", certificate: ${pair.certificate}, key: /none`, /\/none/],
      [`address: "127.0.0.1:8443", certificate: ${pair.key}, key: ${pair.key}`, /api\.key/],
    ] as const) {
      const { code, stderr } = await applyText(namespace, listener(words));
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stderr).toContain('nothing was changed');
      expect(await namespace.fairlead('export')).toEqual(before);
      expect(
        (await ask({ port: 8443, path: '/v1/status', headers, tls: { ca: pair.certificate } })).status,
      ).toBe(200);
    }
  });

  test('outlives the daemon, and ends with unload or when the file says so', async () => {
    const { namespace, tokens, ask } = await createWorld('killed');
    const question = {
      port: 8080,
      path: '/v1/services',
      headers: bearer(await createToken(tokens, 'reader', 'read-only')),
    };
    const refused = async () => /ECONNREFUSED/.test((await ask(question)).error ?? '');
    const { body } = await ask(question);
    await killDaemon(namespace);
    await until('nobody listens', refused);
    expect((await namespace.ipvsadm('-Ln')).code).toBe(0);
    expect(JSON.parse((await ask(question)).body)).toEqual(JSON.parse(body));
    expect(await applyText(namespace, 'api: {}\nservices: []\n')).toMatchObject(done);
    expect(await refused()).toBe(true);

    const listening = `api: {listen: [{address: "127.0.0.1:8080", plain_text: true}], tokens: ${tokens}}\n`;
    expect(await applyText(namespace, listening)).toMatchObject(done);
    expect((await ask(question)).status).toBe(200);
    await namespace.fairlead('unload');
    await until('nothing is left', () => runFiles(namespace.inode).length === 0);
    await namespace.ipvsadm('-Ln');
    expect(await refused()).toBe(true);
  });
});

test('a namespace with a listener and a connection to it ends as any other does', async () => {
  const { client, director } = await createSegment();
  const directory = temporaryDirectory();
  const pair = await createPair(directory, 'api');
  const text = `api: {listen: [{address: "172.25.138.1:8443", certificate: ${pair.certificate}, key: ${pair.key}}]}\n`;
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  expect(await applyText(director, text)).toMatchObject(done);
  client.start('busybox', 'nc', '172.25.138.1', '8443');
  await until('the connection is there', async () =>
    (await client.must('ss', '-tn', 'state', 'established')).includes(':8443'),
  );
  const held = await holdingsOf(director, 'lo', 'eth0');
  expect(held.maps.length).toBeGreaterThan(10);
  expect(runFiles(director.inode)).toContain(savedPath(director.inode, 'api').split('/').at(-1));

  await director.remove();
  await until('no daemon and nothing in the kernel', () => {
    const { programs, maps } = stillThere(held);
    return daemonsOf(director.inode).length + programs.length + maps.length === 0;
  });
  expect(runFiles(director.inode)).toEqual([]);
});
