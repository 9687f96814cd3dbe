import { rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Response, request } from './http.ts';

const path = join(tmpdir(), `fl-http-${process.pid}.sock`);
let close: () => void = () => {};

afterEach(() => {
  close();
  rmSync(path, { force: true });
});

async function listen(answer: (socket: Socket) => void | Promise<void>): Promise<void> {
  const server = createServer((socket) => {
    socket.once('data', () => void answer(socket));
    socket.on('error', () => {});
  });
  close = () => server.close();
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

/** An answer, sent in pieces of `size` octets. */
async function answering(text: string, size: number): Promise<Response> {
  const octets = Buffer.from(text);
  await listen(async (socket) => {
    socket.setNoDelay();
    for (let at = 0; at < octets.length; at += size) {
      socket.write(octets.subarray(at, at + size));
      await nextTurn();
    }
    socket.end();
  });
  return await request(path, { method: 'GET', path: '/' });
}

async function textOf({ body }: Response): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('an answer', () => {
  const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nöhöt';
  const chunked =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n';

  it.each([1, 2, 7, 1000])('in pieces of %i octets is read as a whole', async (size) => {
    const { status, body } = await answering(whole.replace('5', '6'), size);
    expect([status, await textOf({ status, body })]).toEqual([200, 'öhöt']);
  });

  it.each([1, 2, 7, 1000])('in chunks, in pieces of %i octets, is what was put into them', async (size) => {
    expect(await textOf(await answering(chunked, size))).toBe('abc0123456789');
  });

  it('without a body is empty', async () => {
    expect(await textOf(await answering('HTTP/1.1 204 No Content\r\n\r\n', 100))).toBe('');
  });

  it.each([
    ['in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc'],
    ['between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('that ends early, %s, is an error', async (_, text) => {
    await expect(answering(text, 1000).then(textOf)).rejects.toThrow(
      expect.objectContaining({ code: 'ECONNRESET' }),
    );
  });
});

it('nobody who listens is an error of connect', async () => {
  await expect(request(path, { method: 'GET', path: '/' })).rejects.toThrow(
    expect.objectContaining({ syscall: 'connect' }),
  );
});

it("what is sent is HTTP to Node's own server, and its answer is read", async () => {
  const server = createHttpServer((incoming, outgoing) => {
    let text = '';
    incoming.on('data', (piece: Buffer) => {
      text += piece.toString();
    });
    incoming.on('end', () =>
      outgoing.end(`${incoming.method} ${incoming.url} ${incoming.headers['content-type']} ${text}`),
    );
  });
  close = () => server.close();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const response = await request(path, { method: 'POST', path: '/v1/x', body: '{"ö":1}' });
  expect(await textOf(response)).toBe('POST /v1/x application/json {"ö":1}');
});
