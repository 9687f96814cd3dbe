import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { FairleadError } from '../ipvs/errors.ts';
import { createChanges } from './changes.ts';
import { createServer, type Handlers, type Server } from './server.ts';

const directory = mkdtempSync(join(tmpdir(), 'fl-server-'));
const request = 'GET /v1/services HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
const answer = /^HTTP\/1\.1 410 .*"code":"NAMESPACE_GONE"/s;

let server: Server;
let path: string;
let servers = 0;

beforeAll(() => () => rmSync(directory, { recursive: true }));

async function listening(): Promise<void> {
  server = createServer({} as Handlers, {
    changes: createChanges(),
    tag: () => '',
    before: () => {
      throw new FairleadError('NAMESPACE_GONE');
    },
  });
  path = join(directory, String(++servers));
  await server.listen(path);
}

it('whoever has connected and asked when a server closes is answered, be it many at once', async () => {
  await listening();
  const clients = Array.from({ length: 20 }, () => connect(path));
  for (const client of clients) client.write(request);
  const closed = server.close();
  const answers = await Promise.all(clients.map((client) => client.toArray()));
  for (const pieces of answers) expect(String(Buffer.concat(pieces))).toMatch(answer);
  await closed;
});

it('a client that has connected before a server closes, and asks after it, is answered', async () => {
  await listening();
  const client = connect(path);
  const closed = server.close();
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  client.write(request);
  expect(String(Buffer.concat(await client.toArray()))).toMatch(answer);
  await closed;
});

it('a client that has connected and goes without a word keeps no server from closing', async () => {
  await listening();
  const client = connect(path);
  const closed = server.close();
  await nextTurn();
  client.destroy();
  await closed;
});

it('a request that needs no body may say that it is JSON, as a shell function for all requests does', async () => {
  const deleted: unknown[] = [];
  server = createServer(
    { deleteService: ({ params }) => void deleted.push(params.service) } as Partial<Handlers> as Handlers,
    { changes: createChanges(), tag: () => '', before: () => {} },
  );
  path = join(directory, String(++servers));
  await server.listen(path);
  const ask = async (method: string, url: string): Promise<string> => {
    const client = connect(path);
    client.write(
      `${method} ${url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n`,
    );
    return String(Buffer.concat(await client.toArray()));
  };
  expect(await ask('DELETE', '/v1/services/tcp:192.0.2.10:80')).toMatch(/^HTTP\/1\.1 204 /);
  expect(deleted).toEqual(['tcp:192.0.2.10:80']);
  expect(await ask('POST', '/v1/services')).toMatch(/^HTTP\/1\.1 400 .*"detail":"body must /s);
  await server.close();
});

it('whoever looks is answered while a change goes on, and whoever changes something waits for its end', async () => {
  const said: string[] = [];
  let end: (() => void) | undefined;
  const handlers = {
    transaction: () =>
      new Promise((resolve) => {
        end = () => resolve({ refused: null });
      }),
    getTimeouts: () => ({ tcp: 1 }),
    zeroAll: () => void said.push('zeroed'),
  } as unknown as Handlers;
  const busy = createServer(handlers, { changes: createChanges(), tag: () => '"1"', before: () => {} });
  const at = join(directory, 'busy');
  await busy.listen(at);
  const ask = async (method: string, url: string, body = ''): Promise<string> => {
    const client = connect(at);
    client.write(
      `${method} ${url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`,
    );
    client.write(`content-length: ${body.length}\r\n\r\n${body}`);
    return String(Buffer.concat(await client.toArray()));
  };
  const transaction = ask(
    'POST',
    '/v1/transaction',
    '[{"route":"deleteService","params":{"service":"mark:7"}}]',
  );
  while (said.length === 0) {
    const answered = await ask('GET', '/v1/timeouts');
    if (end) said.push(answered.slice(-9));
  }
  const zeroed = ask('POST', '/v1/zero', '{}').then((text) => said.push(text.slice(9, 12)));
  expect(await ask('GET', '/v1/timeouts')).toMatch(/^HTTP\/1\.1 200 /);
  expect(said).toEqual(['{"tcp":1}']);
  end?.();
  expect(await transaction).toMatch(/\{"refused":null\}$/);
  await zeroed;
  expect(said).toEqual(['{"tcp":1}', 'zeroed', '204']);
  await busy.close();
});

describe('a server that closes while a change is made', () => {
  /** A server in the midst of a transaction, whoever has asked for it, and what ends the transaction. */
  async function amidChange() {
    let end = (): void => {};
    const begun = new Promise<void>((resolve) => {
      const handlers = {
        transaction: () => {
          resolve();
          return new Promise((done) => {
            end = () => done({ refused: null });
          });
        },
      } as Partial<Handlers> as Handlers;
      server = createServer(handlers, { changes: createChanges(), tag: () => '', before: () => {} });
    });
    path = join(directory, String(++servers));
    await server.listen(path);
    const body = '[{"route":"deleteService","params":{"service":"mark:7"}}]';
    const client = connect(path);
    client.write(
      `POST /v1/transaction HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n`,
    );
    client.write(`content-length: ${body.length}\r\n\r\n${body}`);
    await begun;
    return { client, end: () => end() };
  }

  it('answers who has asked for it, however long that takes', async () => {
    const { client, end } = await amidChange();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closed = server.close();
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    end();
    expect(String(Buffer.concat(await client.toArray()))).toMatch(/\{"refused":null\}$/);
    await closed;
  });

  it('has not closed before that is over, though who has asked for it is gone', async () => {
    const { client, end } = await amidChange();
    client.destroy();
    const said: string[] = [];
    const closed = server.close().then(() => said.push('closed'));
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    said.push('over');
    end();
    await closed;
    expect(said).toEqual(['over', 'closed']);
  });
});

it('a change whose turn comes when the namespace has gone is refused', async () => {
  const changes = createChanges();
  const made: string[] = [];
  let [isGone, waiting] = [false, 0];
  server = createServer({ zeroAll: () => void made.push('zeroed') } as Partial<Handlers> as Handlers, {
    tag: () => '',
    changes: {
      ...changes,
      make(change) {
        waiting++;
        return changes.make(change);
      },
    },
    before: () => {
      if (isGone) throw new FairleadError('NAMESPACE_GONE');
    },
  });
  path = join(directory, String(++servers));
  await server.listen(path);
  let end = (): void => {};
  const other = new Promise<void>((resolve) => {
    end = resolve;
  });
  void changes.make(() => other);
  const client = connect(path);
  client.write('POST /v1/zero HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  while (waiting === 0) await nextTurn();
  isGone = true;
  end();
  expect(String(Buffer.concat(await client.toArray()))).toMatch(answer);
  expect(made).toEqual([]);
  await server.close();
});
