/**
 * Requests over TCP from inside a namespace, one after the other: a line of JSON each way, `{ port, method, path, headers, body, tls }` and
 * `{ status, headers, body, clientPort }`, or `{ error }` where none was answered. With `keep` all of them go over one connection.
 */

import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';

/** @type {Record<string, http.Agent>} */
const agents = {};

/** @param {any} question */
function ask({ host = '127.0.0.1', port, method = 'GET', path = '/', headers = {}, body, tls, keep }) {
  const module = tls ? https : http;
  const files = Object.entries(tls ?? {}).map(([name, value]) => [
    name,
    ['ca', 'cert', 'key'].includes(name) ? readFileSync(value) : value,
  ]);
  if (keep) agents[port] ??= new module.Agent({ keepAlive: true, maxSockets: 1 });
  return new Promise((resolve) => {
    const request = module.request(
      {
        host,
        port,
        method,
        path,
        headers,
        timeout: 10_000,
        agent: agents[port] ?? false,
        ...Object.fromEntries(files),
      },
      (response) => {
        let text = '';
        const clientPort = response.socket.localPort;
        if (response.headers['content-type']?.startsWith('text/event-stream')) {
          resolve({ status: response.statusCode, headers: response.headers, body: '', clientPort });
          response.destroy(); // it would go on for ever
          return;
        }
        response.setEncoding('utf8').on('data', (piece) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: text, clientPort }),
        );
        response.on('error', (error) => resolve({ error: error.message }));
      },
    );
    request.on('error', (error) =>
      resolve({ error: `${'code' in error ? error.code : ''} ${error.message}` }),
    );
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.end(body);
  });
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await ask(JSON.parse(line)))}\n`);
