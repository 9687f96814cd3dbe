/**
 * Two ends of long talks. What happens is printed, a line each.
 *
 *   talk.mjs serve ADDRESS PORT LABEL   answers each datagram, and each line of a connection, with the label
 *   talk.mjs udp ADDRESS PORT           a datagram every 20 ms, all from one port: the labels that come back
 *   talk.mjs tcp ADDRESS PORT           standard input to a connection: the labels, `error CODE`, `closed`
 */

import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const [mode, address = '', port = '', label = ''] = process.argv.slice(2);

const datagramType = address.includes(':') ? 'udp6' : 'udp4';

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/** @param {import('node:net').Socket} socket */
function tellOf(socket) {
  socket.on('error', (error) => say(`error ${'code' in error ? error.code : error.message}`));
  socket.on('close', () => say('closed'));
}

if (mode === 'serve') {
  const datagrams = createSocket(datagramType);
  datagrams.on('message', (_, { port: from, address: peer }) => datagrams.send(label, from, peer));
  const connections = createServer((socket) => {
    tellOf(socket);
    socket.on('data', () => socket.write(label));
  });
  datagrams.bind(Number(port), address, () => connections.listen(Number(port), address, () => say('ready')));
} else if (mode === 'udp') {
  const socket = createSocket(datagramType);
  socket.on('message', (answer) => say(String(answer)));
  socket.on('error', () => undefined); // nobody listens any more: that is what is waited out
  socket.connect(Number(port), address, () => {
    setInterval(() => socket.send('?', () => undefined), 20);
  });
} else {
  const socket = connect(Number(port), address, () => say('connected'));
  tellOf(socket);
  socket.on('data', (answer) => say(String(answer)));
  process.stdin.on('data', (text) => socket.write(text));
}
