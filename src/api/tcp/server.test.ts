import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { listenOn } from '../../linux/listening-socket.ts';
import type { Serve } from '../server.ts';
import { createGate } from './gate.ts';
import { createTcpServer } from './server.ts';
import { newSecret, type Token } from './token.ts';

const host = '127.0.0.1' as Address;
const { secret, hash } = newSecret();

type Options = {
  readonly perSecond?: number;
  /** For a request, and between two, in milliseconds. */
  readonly patience?: number;
  readonly idle?: number;
  readonly serve?: Serve;
};

/** Listens in plain text. */
async function world({ perSecond = 10_000, patience = 60_000, idle = 60_000, serve = answer }: Options = {}) {
  let tokens: readonly Token[] = [{ name: 'ci', role: 'operator', hash }];
  const gate = createGate(perSecond, { tokens: () => tokens, now: () => 0, log: () => {} });
  const times = {
    handshake: patience,
    head: patience,
    request: patience,
    idle,
    farewell: patience,
    look: 10,
  };
  const server = createTcpServer(undefined, gate, serve, times);
  onTestFinished(() => server.destroy());
  const port = await freePort();
  server.listen(listenOn(host, port));
  return {
    server,
    port,
    revoke: () => {
      tokens = [];
      server.dropRevoked();
    },
    open: (localAddress: string = host): Socket => {
      const socket = connect({ host, port, localAddress });
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => undefined);
      return socket;
    },
  };
}

const answer: Serve = (request, response) => {
  request.resume().once('end', () => response.end('{}'));
};

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const { port } = probe.address() as { readonly port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const head = (more = '') =>
  `GET /v1/status HTTP/1.1\r\nhost: lb\r\nauthorization: Bearer ${secret}\r\n${more}\r\n`;

/** The first octets of an answer; nothing where the connection was closed instead. */
function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (piece) => resolve(String(piece))).once('close', () => resolve(''));
  });
}

/** Whether it is open still when a request over it has been answered. */
async function isServed(socket: Socket): Promise<boolean> {
  socket.write(head());
  return (await heard(socket)).startsWith('HTTP/1.1 200 ');
}

describe('a client that takes its time', () => {
  it.each([
    ['with its head', 'GET /v1/status HTTP/1.1\r\nhost: lb\r\n'],
    ['with its body', `${head('content-type: application/json\r\ncontent-length: 10\r\n')}{`],
  ])('%s is told so, and is cut off', async (_, beginning) => {
    const { open } = await world({ patience: 100 });
    const socket = open();
    socket.write(beginning);
    const said = await text(socket).catch(() => '');
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(said).toContain('REQUEST_TOO_SLOW');
  });

  it('with an octet now and then gains nothing by it, nor by going on when it was told to go', async () => {
    const { port } = await world({ patience: 300 });
    const socket = connect({ host, port, allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    socket.resume().write('GET /v1/status HTTP/1.1\r\nx: ');
    const drip = setInterval(() => socket.write('x'), 20);
    const error = await new Promise((resolve) => socket.once('error', resolve));
    clearInterval(drip);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) });
  });

  it('between two requests is let go', async () => {
    const { open } = await world({ idle: 100 });
    const isServedFirst = async (): Promise<boolean> => {
      const socket = open();
      const closed = once(socket, 'close');
      const isAnswered = await isServed(socket);
      await closed;
      return isAnswered;
    };
    // Where this process has no turn for that long, one is let go before it has asked.
    await expect.poll(isServedFirst).toBe(true);
  });
});

describe('connections', () => {
  it('of one address are 64 at most, whoever else comes', async () => {
    const { open } = await world();
    const own = Array.from({ length: 64 }, () => open());
    expect(await Promise.all(own.map(isServed))).toEqual(own.map(() => true));
    expect(await isServed(open())).toBe(false);
    expect(await isServed(open('127.0.0.2'))).toBe(true);
    own[0]?.destroy();
    await expect.poll(() => isServed(open())).toBe(true);
  });

  it('of all addresses are 256 at most', async () => {
    const { open } = await world();
    const all = Array.from({ length: 256 }, (_, at) => open(`127.0.1.${1 + (at >> 6)}`));
    expect((await Promise.all(all.map(isServed))).filter(Boolean)).toHaveLength(256);
    expect(await isServed(open('127.0.1.9'))).toBe(false);
  });
});

describe('requests', () => {
  it('beyond the rate are refused, and it is said when to come again', async () => {
    const { open } = await world({ perSecond: 3 });
    const answers: string[] = [];
    for (let at = 0; at < 8; at++) {
      const socket = open();
      socket.write(head());
      answers.push(await heard(socket));
      socket.destroy();
    }
    const refused = answers.filter((each) => each.startsWith('HTTP/1.1 429 '));
    expect(answers.filter((each) => each.startsWith('HTTP/1.1 200 ')).length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect(each).toMatch(/^retry-after: \d+\r$/m);
  });

  it('whose token is revoked meanwhile end at once, however long they would have gone on', async () => {
    const { open, revoke } = await world({
      serve: (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n'),
    });
    const socket = open();
    socket.write(head());
    expect(await heard(socket)).toContain('text/event-stream');
    revoke();
    await once(socket, 'close');
  });
});
