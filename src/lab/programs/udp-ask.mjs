/**
 * Sends datagrams, each from a port of its own, and prints the answers, a line each.
 *   node udp-ask.mjs ADDRESS PORT BYTES FIRST-PORT COUNT [STEP]
 * The next port is STEP further, 1 unless it is given: with 0 all come from the same.
 * A datagram that nobody answers within a second prints `nothing`, one that is refused `refused`.
 */

import { createSocket } from 'node:dgram';

const [address = '', port = '', bytes = '', firstPort = '', count = '', step = '1'] = process.argv.slice(2);

for (let index = 0; index < Number(count); index++)
  console.log(await ask(Number(firstPort) + index * Number(step)));

/** @param {number} from @returns {Promise<string>} */
function ask(from) {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const answer = (/** @type {string} */ text) => {
      clearTimeout(timer);
      socket.close();
      resolve(text);
    };
    const timer = setTimeout(() => answer('nothing'), 1000);
    socket.on('message', (message) => answer(message.toString()));
    socket.on('error', () => answer('refused'));
    socket.bind(from, () => {
      socket.connect(Number(port), address, () => socket.send(Buffer.alloc(Number(bytes), 'x')));
    });
  });
}
