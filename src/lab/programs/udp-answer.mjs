/**
 * Answers each datagram with this server's name and the datagram's length.
 *   node udp-answer.mjs ADDRESS PORT NAME
 * It is bound to ADDRESS, so that answers come from there.
 */

import { createSocket } from 'node:dgram';

const [address = '', port = '', name = ''] = process.argv.slice(2);
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('message', (message, from) => socket.send(`${name} ${message.length}`, from.port, from.address));
socket.bind(Number(port), address, () => console.log('listening'));
