/**
 * Exact traffic: sends datagrams, or prints the size of each that arrives, a line each.
 *
 *   datagrams.mjs send ADDRESS PORT {"count":…,"payload":…,"from":…,"spread":…,"pauseMs":…}
 *   datagrams.mjs receive PORT
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode, ...rest] = process.argv.slice(2);

/** @param {number} port */
async function socketOn(port) {
  const socket = createSocket('udp4');
  socket.bind(port);
  await once(socket, 'listening');
  return socket;
}

if (mode === 'receive') {
  const socket = await socketOn(Number(rest[0]));
  socket.on('message', (message) => process.stdout.write(`${message.length}\n`));
  process.stdout.write('listening\n');
} else {
  const [address, port, plan] = rest;
  const { count, payload, from, spread = false, pauseMs = 0 } = JSON.parse(plan ?? '{}');
  const bytes = Buffer.alloc(payload, 'x');
  let socket = await socketOn(from);
  for (let sent = 0; sent < count; sent++) {
    if (spread && sent > 0) {
      socket.close();
      socket = await socketOn(from + sent);
    }
    await new Promise((resolve, reject) =>
      socket.send(bytes, Number(port), address, (error) => (error ? reject(error) : resolve(undefined))),
    );
    if (pauseMs > 0) await sleep(pauseMs);
  }
  socket.close();
}
