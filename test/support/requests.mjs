/**
 * A client that asks a web server again and again, each time by a connection of its own, until it is sent SIGTERM; then
 * it prints how many answers it got, how many it did not, and how long they took, as JSON.
 *   node requests.mjs ADDRESS PORT LANES
 */

import { connect } from 'node:net';

const [address = '', port = '', lanes = '1'] = process.argv.slice(2);
const patience = 10_000;
/** @type {number[]} */
const took = [];
let failed = 0;
let isOver = false;
process.once('SIGTERM', () => {
  isOver = true;
});

await Promise.all(Array.from({ length: Number(lanes) }, askOnAndOn));
took.sort((a, b) => a - b);
const part = (/** @type {number} */ share) => took[Math.floor((took.length - 1) * share)] ?? 0;
console.log(
  JSON.stringify({ answered: took.length, failed, half: part(0.5), most: part(0.99), longest: part(1) }),
);

async function askOnAndOn() {
  while (!isOver) {
    const began = performance.now();
    if (await ask()) took.push(performance.now() - began);
    else failed++;
  }
}

/** @returns {Promise<boolean>} whether there was an answer */
function ask() {
  return new Promise((resolve) => {
    let octets = 0;
    const socket = connect(Number(port), address);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('data', (piece) => {
      octets += piece.length;
    });
    socket.on('error', () => {});
    socket.on('close', (hadError) => resolve(!hadError && octets > 0));
    socket.write('GET / HTTP/1.0\r\n\r\n');
  });
}
