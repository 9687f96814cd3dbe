/** Checks that speak other protocols, or none, against servers of this process. */

import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type Answer, decode, encode, type Packet, streamEncode } from 'dns-packet';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Probe, SmtpTls } from '../../src/health/check.ts';
import { until } from '../director/processes.ts';
import { ask, listen, serve } from './asking.ts';
import { type Certificate, createAuthority } from './certificates.ts';

/** A port of the loopback interface where nobody listens. */
const nobody = 9;

function certificate(name: string): Certificate {
  const authority = createAuthority();
  onTestFinished(() => authority.remove());
  return authority.sign(name, 10);
}

describe('tcp', () => {
  test('is content with a connection, and closes it', async () => {
    let closed = false;
    const port = await serve((socket) => {
      socket.resume().once('close', () => {
        closed = true;
      });
    });
    const outcome = await ask({ kind: 'tcp' }, port);
    expect(outcome).toMatchObject({ ok: true });
    if (outcome.ok) expect(outcome.latencyMs).toBeGreaterThan(0);
    await until('the server sees it closed', () => closed);
  });

  test.for([
    { kind: 'tcp' },
    { kind: 'tcp', expect: 'x' },
    { kind: 'udp', send: new Uint8Array() },
    { kind: 'dns', name: '.', type: 'SOA', transport: 'udp' },
  ] as const)('fails where nobody listens, as all others do and in the same words: %j', async (probe) => {
    expect(await ask(probe, nobody)).toEqual({
      ...{ ok: false, reason: 'refused' },
      detail: expect.stringMatching(/^(connect|recvmsg): ECONNREFUSED \(connection refused\)$/),
    });
  });

  test('sends, and waits for what is expected, in however many pieces', async () => {
    const port = await serve((socket) => {
      socket.once('data', (octets) => {
        socket.write('+PO');
        setTimeout(() => socket.end(`NG ${String(octets)}`), 20);
      });
    });
    expect(await ask({ kind: 'tcp', send: 'x', expect: '^\\+PONG x' }, port)).toMatchObject({ ok: true });
    expect(await ask({ kind: 'tcp', send: 'x', expect: '-ERR' }, port)).toEqual({
      ...{ ok: false, reason: 'mismatch', detail: '`-ERR` is not in "+PONG x"' },
    });
  });

  test.for([
    ['is closed without a word', '', 'closed'],
    ['talks without end', 'x'.repeat(200_000), 'too-long'],
  ] as const)('fails where the connection %s', async ([, text, reason]) => {
    const port = await serve((socket) => socket.end(text));
    expect(await ask({ kind: 'tcp', expect: 'never' }, port)).toMatchObject({ reason });
  });

  test('waits for what is expected no longer than the timeout', async () => {
    const port = await serve(() => undefined);
    expect(await ask({ kind: 'tcp', expect: 'ever' }, port, 300)).toMatchObject({ reason: 'timeout' });
  });
});

describe('smtp', () => {
  type Server = { readonly ehlo?: string; readonly greeting?: string; readonly tls?: Certificate };

  /** Answers as a mail server, with these lines where they are not the usual ones. */
  const talk = (socket: Socket, { ehlo, greeting = '220 mx.example ESMTP', tls }: Server): void => {
    const offers = tls ? '250-mx.example\r\n250-STARTTLS\r\n250 HELP' : '250-mx.example\r\n250 HELP';
    socket.write(`${greeting}\r\n`);
    socket.on('data', (octets) => {
      const [word] = String(octets).split(/[ \r]/);
      if (word === 'EHLO') socket.write(`${ehlo ?? offers}\r\n`);
      else if (word === 'HELO') socket.write('250 mx.example\r\n');
      else if (word === 'QUIT') socket.end('221 bye\r\n');
      else if (word === 'STARTTLS' && tls) {
        socket.removeAllListeners('data');
        socket.write('220 go ahead\r\n');
        const inside = new TLSSocket(socket, { isServer: true, ...tls });
        inside.on('error', () => undefined);
        inside.on('data', (line) => {
          if (String(line).startsWith('EHLO')) inside.write('250 mx.example\r\n');
        });
      }
    });
  };
  const smtp = (tls: SmtpTls = 'none'): Probe => ({ kind: 'smtp', helo: 'director.example', tls });
  const mail = (server: Server = {}): Promise<number> => serve((socket) => talk(socket, server));

  test('a server that greets and answers EHLO is well, and one that knows HELO alone, too', async () => {
    expect(await ask(smtp(), await mail())).toMatchObject({ ok: true, detail: '220 mx.example ESMTP' });
    expect(await ask(smtp(), await mail({ ehlo: '502 what?' }))).toMatchObject({ ok: true });
    const wordy = '220-mx.example\r\n220-no spam\r\n220 please';
    expect(await ask(smtp(), await mail({ greeting: wordy }))).toMatchObject({ ok: true });
  });

  test.for([
    ['sends clients away', { greeting: '421 too busy' }, 'status', 'the greeting: 421 too busy'],
    ['refuses EHLO', { ehlo: '451 not now' }, 'status', 'EHLO: 451 not now'],
    ['speaks something else', { greeting: 'SSH-2.0' }, 'malformed', 'no SMTP: "SSH-2.0\\r\\n"'],
  ] as const)('a server that %s is not', async ([, server, reason, detail]) => {
    expect(await ask(smtp(), await mail(server))).toEqual({ ok: false, reason, detail });
  });

  test('STARTTLS is asked for, and the server greeted again inside', async () => {
    const tls = certificate('mx.example');
    expect(await ask(smtp('starttls'), await mail({ tls }))).toMatchObject({ ok: true });
    expect(await ask(smtp('starttls'), await mail())).toMatchObject({ detail: 'STARTTLS is not offered' });
  });

  test('implicit TLS comes before the greeting', async () => {
    const server = createTlsServer(certificate('mx.example'), (socket) => talk(socket, {}));
    expect(await ask(smtp('implicit'), await listen(server))).toMatchObject({ ok: true });
  });
});

describe('dns', () => {
  const zone: Readonly<Record<string, readonly Answer[]>> = {
    'www.example A': [
      { type: 'CNAME', name: 'www.example', data: 'web.example' },
      { type: 'A', name: 'web.example', data: '192.0.2.1' },
      { type: 'A', name: 'web.example', data: '192.0.2.2' },
    ],
    'www.example AAAA': [{ type: 'AAAA', name: 'www.example', data: '2001:db8:0:0:0:0:0:1' }],
    'example MX': [{ type: 'MX', name: 'example', data: { preference: 10, exchange: 'Mail.example' } }],
    'example TXT': [{ type: 'TXT', name: 'example', data: ['v=spf1 ', '-all'] }],
  };
  const replyTo = (query: Packet, more: Partial<Packet> = {}): Packet => {
    const [asked] = query.questions ?? [];
    const answers = zone[`${asked?.name} ${asked?.type}`];
    const NXDOMAIN = 3;
    return {
      ...{ type: 'response', questions: query.questions ?? [], flags: answers ? 0 : NXDOMAIN },
      ...(query.id !== undefined && { id: query.id }),
      ...(answers && { answers: [...answers] }),
      ...more,
    };
  };
  /** By UDP, or what `answer` makes of it; by TCP on the same port, where that is free. */
  const nameServer = async (answer?: (query: Packet) => readonly Buffer[]): Promise<number> => {
    const port = await serve((socket) => {
      socket.on('data', (octets) => socket.write(streamEncode(replyTo(decode(octets.subarray(2))))));
    });
    const udp = createSocket('udp4');
    onTestFinished(() => void udp.close());
    udp.on('message', (octets, peer) => {
      const query = decode(octets);
      for (const reply of answer?.(query) ?? [encode(replyTo(query))])
        udp.send(reply, peer.port, peer.address);
    });
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
    return port;
  };
  const dns = (more: Partial<Extract<Probe, { kind: 'dns' }>> = {}): Probe => ({
    ...{ kind: 'dns', name: 'www.example', type: 'A', transport: 'udp' },
    ...more,
  });
  const well = { ok: true } as const;

  test.for(['udp', 'tcp'] as const)('an answer by %s is well, and told', async (transport) => {
    const detail = '192.0.2.1, 192.0.2.2';
    expect(await ask(dns({ transport }), await nameServer())).toMatchObject({ ...well, detail });
  });

  test('one answer in particular may be expected, in any spelling of it', async () => {
    const port = await nameServer();
    const expected = { type: 'AAAA', expect: '2001:DB8::1' } as const;
    expect(await ask(dns({ expect: '192.0.2.2' }), port)).toMatchObject(well);
    expect(await ask(dns(expected), port)).toMatchObject(well);
    for (const expect_ of ['mail.example.', '10 mail.example'])
      expect(await ask(dns({ name: 'example.', type: 'MX', expect: expect_ }), port)).toMatchObject(well);
    const text = { name: 'example', type: 'TXT', expect: 'v=spf1 -all' } as const;
    expect(await ask(dns(text), port)).toMatchObject(well);
    expect(await ask(dns({ expect: '192.0.2.3' }), port)).toEqual({
      ...{ ok: false, reason: 'mismatch', detail: '192.0.2.3 is not among 192.0.2.1, 192.0.2.2' },
    });
  });

  test('an error is told by its name, and no listener by its own', async () => {
    expect(await ask(dns({ name: 'nothing.example' }), await nameServer())).toEqual({
      ...{ ok: false, reason: 'status', detail: 'NXDOMAIN' },
    });
    expect(await ask(dns(), nobody)).toMatchObject({ ok: false, reason: 'refused' });
  });

  test('answers to other questions are passed over, and what is cut short is asked for by TCP', async () => {
    const TRUNCATED = 0x200;
    const port = await nameServer((query) => [
      encode(replyTo(query, { id: ((query.id ?? 0) + 1) & 0xffff, answers: [] })),
      encode(replyTo(query, { flags: TRUNCATED, answers: [] })),
    ]);
    expect(await ask(dns({ expect: '192.0.2.1' }), port)).toMatchObject(well);
  });

  test('what is no answer fails', async () => {
    const port = await nameServer(() => [Buffer.from('nonsense')]);
    expect(await ask(dns(), port)).toEqual({ ok: false, reason: 'malformed', detail: 'not a DNS answer' });
  });
});

describe('udp', () => {
  const udp = (expect_?: string | true): Probe => ({
    ...{ kind: 'udp', send: Uint8Array.of(1, 2) },
    ...(expect_ === true && { expect: { kind: 'any' } }),
    ...(typeof expect_ === 'string' && { expect: { kind: 'pattern', pattern: expect_ } }),
  });
  const peer = async (answer?: string): Promise<number> => {
    const socket = createSocket('udp4');
    onTestFinished(() => void socket.close());
    if (answer !== undefined)
      socket.on('message', (_, { port, address }) => socket.send(answer, port, address));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return socket.address().port;
  };

  test('no answer is well, also where the timeout comes first, but an ICMP error is not', async () => {
    expect(await ask(udp(), await peer())).toMatchObject({ ok: true, detail: 'no answer, and no refusal' });
    expect(await ask(udp(), await peer(), 50)).toMatchObject({ ok: true });
    expect(await ask(udp(), nobody)).toMatchObject({ ok: false, reason: 'refused' });
  });

  test('an answer may be asked for, and what must be in it', async () => {
    expect(await ask(udp(true), await peer('anything'))).toMatchObject({ ok: true });
    expect(await ask(udp('^pong$'), await peer('pong'))).toMatchObject({ ok: true });
    expect(await ask(udp('^pong$'), await peer('gone'))).toMatchObject({ ok: false, reason: 'mismatch' });
    expect(await ask(udp(true), await peer(), 200)).toMatchObject({ ok: false, reason: 'timeout' });
  });
});

describe('grpc', () => {
  /** SERVING for the server as a whole, NOT_SERVING for `down`, and no such service as any other. */
  const health = (stream: ServerHttp2Stream, path: string | undefined, octets: Buffer): void => {
    const name = octets.subarray(7).toString();
    const status = { '': 1, down: 2 }[name];
    const trailers =
      path !== '/grpc.health.v1.Health/Check' ? { 'grpc-status': 12 } : { 'grpc-status': status ? 0 : 5 };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end(status ? Buffer.of(0, 0, 0, 0, 2, 8, status) : undefined);
  };
  const serveHealth = async (tls?: Certificate): Promise<number> => {
    const server = tls ? createSecureServer(tls) : createHttp2Server();
    server.on('stream', (stream, headers) => {
      const parts: Buffer[] = [];
      stream.on('error', () => undefined);
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.once('end', () => health(stream, headers[':path'], Buffer.concat(parts)));
    });
    return await listen(server);
  };
  const grpc = (service = ''): Probe => ({ kind: 'grpc', service });

  test('SERVING is well, of the server or of one of its services, and nothing else', async () => {
    const port = await serveHealth();
    expect(await ask(grpc(), port)).toMatchObject({ ok: true });
    expect(await ask(grpc('down'), port)).toEqual({ ok: false, reason: 'status', detail: 'NOT_SERVING' });
    expect(await ask(grpc('other'), port)).toMatchObject({
      ...{ reason: 'status', detail: 'NOT_FOUND: it knows no such service' },
    });
  });

  test('goes over TLS, too', async () => {
    const port = await serveHealth(certificate('grpc.example'));
    const tls = { verify: false, daysLeft: 0 };
    expect(await ask({ kind: 'grpc', service: '', tls }, port)).toMatchObject({ ok: true });
  });

  test('what speaks no HTTP/2, or closes, fails', async () => {
    const web = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await ask(grpc(), web)).toMatchObject({ ok: false, reason: 'malformed' });
    const closing = await serve((socket) => socket.end());
    expect(await ask(grpc(), closing)).toMatchObject({ ok: false, reason: 'closed' });
  });
});

describe('command and file', () => {
  const home = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'fl-test-check-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  };
  const command = (script: string, more: Partial<Extract<Probe, { kind: 'command' }>> = {}): Probe => ({
    ...{
      kind: 'command',
      run: ['sh', '-c', script, 'check', '{vip}:{vport}', '{rip}:{rport}'],
      weighs: false,
    },
    ...more,
  });

  test('a program that ends with 0 is well, and is told whom it is to ask', async () => {
    expect(await ask(command('test "$1 $2" = "192.0.2.100:80 127.0.0.1:8080"'), 8080)).toMatchObject({
      ok: true,
    });
    expect(await ask(command('echo no luck; exit 7'), 80)).toEqual({
      ...{ ok: false, reason: 'status', detail: 'sh ended with 7: "no luck"' },
    });
  });

  test('its exit code may be a weight', async () => {
    expect(await ask(command('exit 42', { weighs: true }), 80)).toMatchObject({ ok: true, weight: 40 });
    expect(await ask(command('exit 2', { weighs: true }), 80)).toMatchObject({ ok: true, weight: 0 });
    expect(await ask(command('exit 1', { weighs: true }), 80)).toMatchObject({ ok: false, reason: 'status' });
  });

  test('one that is not there, or ended by a signal, fails', async () => {
    const missing = { kind: 'command', run: ['/no/such/program'], weighs: false } as const;
    expect(await ask(missing, 80)).toMatchObject({
      reason: 'command',
      detail: expect.stringContaining('ENOENT'),
    });
    expect(await ask(command('kill -TERM $$'), 80)).toEqual({
      ...{ ok: false, reason: 'command', detail: 'sh was ended by SIGTERM' },
    });
  });

  test('when its time is over it is killed, with all that it has started', async () => {
    const pidFile = join(home(), 'pid');
    const outcome = await ask(command(`sleep 60 & echo $! > ${pidFile}; wait`), 80, 1000);
    expect(outcome).toEqual({ ok: false, reason: 'timeout', detail: 'still waiting for the end of sh' });
    const child = readFileSync(pidFile, 'utf8').trim();
    await until('its child is gone', () => commandOf(child) === '');
  });

  test('what it leaves behind goes with it, and what it prints beyond a few words is not kept', async () => {
    const pidFile = join(home(), 'pid');
    expect(await ask(command(`sleep 60 & echo $! > ${pidFile}`), 80)).toMatchObject({ ok: true });
    const child = readFileSync(pidFile, 'utf8').trim();
    await until('it is gone', () => commandOf(child) === '');

    const loud = await ask(command('head -c 20000000 /dev/zero | tr "\\0" x; exit 3'), 80);
    expect(loud).toMatchObject({ ok: false, reason: 'status' });
    expect(JSON.stringify(loud).length).toBeLessThan(200);
  });

  test('it runs as another user, where there is that one', async ({ skip }) => {
    if (process.geteuid?.() !== 0) skip('needs root');
    expect(await ask(command('test "$(id -un)" = nobody', { user: 'nobody' }), 80)).toMatchObject({
      ok: true,
    });
    expect(await ask(command('true', { user: 'no-such-user' }), 80)).toEqual({
      ...{ ok: false, reason: 'command', detail: 'there is no user no-such-user' },
    });
  });

  test('a file takes a real server off by being there, or by being gone', async () => {
    const path = join(home(), '{rip}');
    const present = { kind: 'file', path, down: 'present' } as const;
    const absent = { kind: 'file', path, down: 'absent' } as const;
    const name = path.replace('{rip}', '127.0.0.1');
    expect(await ask(present, 80)).toMatchObject({ ok: true });
    expect(await ask(absent, 80)).toEqual({
      ok: false,
      reason: 'maintenance',
      detail: `${name} is not there`,
    });
    writeFileSync(name, '');
    expect(await ask(present, 80)).toEqual({ ok: false, reason: 'maintenance', detail: `${name} is there` });
    expect(await ask(absent, 80)).toMatchObject({ ok: true });
  });
});

/** Of a process; nothing when it is gone. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8');
  } catch {
    return '';
  }
}
