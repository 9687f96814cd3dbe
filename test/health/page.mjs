/**
 * A web server with one page, in both families, in one process, however many connections it is given.
 *   node page.mjs PORT TEXT
 */

import { createServer } from 'node:net';

const [port = '', text = ''] = process.argv.slice(2);

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(`HTTP/1.0 200 OK\r\nconnection: close\r\n\r\n${text}\n`));
  socket.once('end', () => socket.end());
}).listen({ port: Number(port), backlog: 4096 });
