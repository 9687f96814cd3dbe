/** HTTP, HTTPS and TLS checks against servers of this process. */

import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Probe, TlsDemands } from '../../src/health/check.ts';
import { ask, listen, serve } from './asking.ts';
import { type Authority, type Certificate, createAuthority } from './certificates.ts';

type HttpProbe = Extract<Probe, { kind: 'http' }>;

const get = (path: string, more: Partial<HttpProbe> = {}): HttpProbe => ({
  ...{ kind: 'http', method: 'GET', path, headers: {}, redirects: 0 },
  status: [{ first: 200, last: 299 }],
  ...more,
});

const web = (listener: RequestListener): Promise<number> => listen(createServer(listener));

describe('http', () => {
  test('asks with the method, host and headers of the check, and is content with a status in its ranges', async () => {
    let heard = '';
    const port = await web(({ method, url, headers }, response) => {
      heard = `${method} ${url} ${headers.host} ${headers['x-check']} ${headers['user-agent']}`;
      response.writeHead(204).end();
    });
    const more = {
      method: 'HEAD',
      host: 'web.example',
      headers: { 'X-Check': '1', 'User-Agent': 'me' },
    } as const;
    expect(await ask(get('/healthz?full', more), port)).toMatchObject({ ok: true, detail: '204' });
    expect(heard).toBe('HEAD /healthz?full web.example 1 me');
  });

  test('names the address it asks where the check names no host', async () => {
    let host: string | undefined;
    const port = await web(({ headers }, response) => {
      host = headers.host;
      response.end();
    });
    await ask(get('/'), port);
    expect(host).toBe(`127.0.0.1:${port}`);
  });

  test('fails by another status, and says which', async () => {
    const port = await web((_, response) => response.writeHead(503).end());
    expect(await ask(get('/'), port)).toEqual({
      ok: false,
      reason: 'status',
      detail: '503 Service Unavailable',
    });
    const all = {
      status: [
        { first: 200, last: 299 },
        { first: 500, last: 599 },
      ],
    };
    expect(await ask(get('/', all), port)).toMatchObject({ ok: true });
  });

  test('looks for the pattern in the body, in UTF-8 and over any number of pieces', async () => {
    const port = await web(({ url }, response) => {
      for (const part of url === '/well' ? ['Größe: ', 'üb', 'lich'] : ['nothing of the kind'])
        response.write(part);
      response.end();
    });
    expect(await ask(get('/well', { body: 'Größe: üblich$' }), port)).toMatchObject({ ok: true });
    expect(await ask(get('/ill', { body: 'üblich' }), port)).toEqual({
      ...{ ok: false, reason: 'mismatch' },
      detail: '`üblich` is not in "nothing of the kind"',
    });
  });

  test('reads of an endless body only so much', async () => {
    let sent = 0;
    const port = await web((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x'))) sent += 65_536;
        response.once('drain', more);
      };
      more();
    });
    expect(await ask(get('/', { body: 'never' }), port)).toMatchObject({ ok: false, reason: 'too-long' });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  test('is not held up by an answer that comes an octet at a time', async () => {
    const port = await serve((socket) => {
      const timer = setInterval(() => socket.write('H'), 20);
      socket.once('close', () => clearInterval(timer));
      socket.write('HTTP/1.1 200 OK\r\nX: ');
    });
    const began = performance.now();
    expect(await ask(get('/'), port, 300)).toEqual({
      ...{ ok: false, reason: 'timeout' },
      detail: 'still waiting for the answer to GET /',
    });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test.for([
    ['what speaks something else', 'SSH-2.0-OpenSSH_9.2\r\n', 'malformed'],
    ['a connection that is closed', '', 'closed'],
    ['endless headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n`, 'too-long'],
  ] as const)('fails by %s', async ([, text, reason]) => {
    const port = await serve((socket) => socket.end(text));
    expect(await ask(get('/'), port)).toMatchObject({ ok: false, reason });
  });
});

describe('redirections', () => {
  const redirecting = (): Promise<number> =>
    web(({ url = '', headers }, response) => {
      const to: Readonly<Record<string, string>> = {
        '/': '/second',
        '/second': 'http://web.example/third',
        '/circle': '/back',
        '/back': '/circle',
        '/mail': 'mailto:postmaster@example.org',
      };
      const location = to[url];
      if (location !== undefined) response.writeHead(302, { location }).end();
      else response.end(`${url} of ${headers.host}`);
    });

  test('are the answer unless the check follows them', async () => {
    expect(await ask(get('/'), await redirecting())).toMatchObject({ reason: 'status', detail: '302 Found' });
  });

  test('are followed on the same server, as often as the check says', async () => {
    const port = await redirecting();
    expect(await ask(get('/', { redirects: 1, host: 'web.example' }), port)).toMatchObject({
      ...{ reason: 'redirect', detail: 'more than 1 times, at last to http://web.example/third' },
    });
    const body = '^/third of web\\.example$';
    expect(await ask(get('/', { redirects: 2, host: 'web.example', body }), port)).toMatchObject({
      ok: true,
    });
  });

  test('in a circle end at once', async () => {
    const outcome = await ask(get('/circle', { redirects: 10, host: 'a.example' }), await redirecting());
    expect(outcome).toEqual({
      ...{ ok: false, reason: 'redirect', detail: 'in a circle, to http://a.example/circle again' },
    });
  });

  test('to what is not HTTP fail', async () => {
    expect(await ask(get('/mail', { redirects: 1 }), await redirecting())).toMatchObject({
      reason: 'redirect',
    });
  });
});

describe('https and tls', () => {
  let authority: Authority;
  let good: Certificate;
  let expired: Certificate;

  beforeAll(() => {
    authority = createAuthority();
    good = authority.sign('web.example', 40.5);
    expired = authority.sign('web.example', -2);
  });
  afterAll(() => authority.remove());

  const demands = (more: Partial<TlsDemands> = {}): TlsDemands => ({
    ...{ verify: true, daysLeft: 0, name: 'web.example', caFile: authority.file },
    ...more,
  });
  const secure = (certificate: Certificate): Promise<number> =>
    listen(createSecureServer(certificate, ({ headers }, response) => response.end(headers.host)));

  test('a certificate that is trusted and fits is well, and its days are told', async () => {
    const port = await secure(good);
    expect(
      await ask(get('/', { tls: demands(), host: 'web.example', body: 'web\\.example' }), port),
    ).toMatchObject({
      ...{ ok: true, detail: '200, certificate valid for 40 days' },
    });
    expect(await ask({ kind: 'tls', tls: demands({ daysLeft: 30 }) }, port)).toMatchObject({
      ...{ ok: true, detail: 'certificate valid for 40 days' },
    });
  });

  test('the name is asked for, so that each gets its own certificate', async () => {
    const other = authority.sign('other.example', 10);
    const server = createTlsServer(good, (socket) => void socket.on('error', () => undefined).end());
    server.addContext('other.example', other);
    const port = await listen(server);
    expect(await ask({ kind: 'tls', tls: demands({ name: 'other.example' }) }, port)).toMatchObject({
      ok: true,
    });
    expect(await ask({ kind: 'tls', tls: demands({ name: 'third.example' }) }, port)).toEqual({
      ...{ ok: false, reason: 'untrusted', detail: 'it is not for third.example' },
    });
  });

  test('nobody trusts it without its authority, but not everybody asks', async () => {
    const port = await secure(good);
    const { caFile: _, ...system } = demands();
    expect(await ask({ kind: 'tls', tls: system }, port)).toMatchObject({ ok: false, reason: 'untrusted' });
    expect(await ask({ kind: 'tls', tls: { ...system, verify: false } }, port)).toMatchObject({ ok: true });
  });

  test('one that has expired, or will too soon, fails', async () => {
    expect(await ask({ kind: 'tls', tls: demands() }, await secure(expired))).toMatchObject({
      ...{ ok: false, reason: 'expiring', detail: expect.stringMatching(/^expired on /) },
    });
    expect(
      await ask({ kind: 'tls', tls: demands({ daysLeft: 41, verify: false }) }, await secure(good)),
    ).toEqual({
      ...{ ok: false, reason: 'expiring', detail: 'valid for 40 days more, of 41 that are asked for' },
    });
  });

  test('what speaks no TLS fails by its handshake, and a file with authorities that is not there by this host', async () => {
    const plain = await web((_, response) => response.end());
    expect(await ask({ kind: 'tls', tls: demands() }, plain)).toMatchObject({
      ...{ ok: false, reason: 'handshake', detail: 'wrong version number' },
    });
    const port = await secure(good);
    expect(await ask({ kind: 'tls', tls: demands({ caFile: '/nowhere.pem' }) }, port)).toMatchObject({
      ...{ ok: false, reason: 'local', detail: expect.stringContaining('/nowhere.pem') },
    });
  });

  test('a server that takes the connection and says nothing is waited for no longer than the timeout', async () => {
    const port = await serve(() => undefined);
    expect(await ask({ kind: 'tls', tls: demands() }, port, 300)).toEqual({
      ...{ ok: false, reason: 'timeout', detail: 'still waiting for the TLS handshake' },
    });
  });
});
