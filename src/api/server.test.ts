import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { FairleadError } from '../ipvs/errors.ts';
import { createServer, type Handlers } from './server.ts';

const directory = mkdtempSync(join(tmpdir(), 'fl-server-'));
const path = join(directory, 'sock');

afterEach(() => rmSync(path, { force: true }));

it('a client that has connected before a server closes, and asks after it, is answered', async () => {
  const server = createServer({} as Handlers, () => {
    throw new FairleadError('NAMESPACE_GONE');
  });
  await server.listen(path);
  const client = connect(path);
  await once(client, 'connect');

  const closed = server.close();
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  client.end('GET /v1/services HTTP/1.1\r\nhost: x\r\n\r\n');

  const pieces = await client.toArray();
  expect(String(Buffer.concat(pieces))).toMatch(/^HTTP\/1\.1 410 .*"code":"NAMESPACE_GONE"/s);
  await closed;
});

it('a client that has connected and goes without a word keeps no server from closing', async () => {
  const server = createServer({} as Handlers, () => {});
  await server.listen(path);
  const client = connect(path);
  await once(client, 'connect');
  const closed = server.close();
  client.destroy();
  await closed;
});
