/**
 * Load for the tests of the director, and what came of it.
 *
 *   requests.mjs serve PORT            answers one request of each connection, or as many as come, with what was asked
 *   requests.mjs ask ADDRESS PORT N    N clients, at most two, a new connection for each request; until its input ends
 *   requests.mjs talk ADDRESS PORT     one connection, a request after the other; until its input ends
 *
 * The last two end with a line of JSON: how many requests were answered, and what went wrong with the others.
 */

import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [mode, ...words] = process.argv.slice(2);
const patience = 5_000;
let stopped = false;
/** @type {string[]} */
const failures = [];
let answered = 0;

/**
 * A request on a connection that is there.
 * @param {import('node:net').Socket} socket
 * @param {string} text
 * @returns {Promise<void>}
 */
function exchange(socket, text) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), patience);
    let heard = '';
    socket.on('data', (piece) => {
      heard += piece;
      if (heard.length < text.length) return;
      clearTimeout(timer);
      socket.removeAllListeners('data');
      if (heard === text) resolve();
      else reject(new Error(`answered ${heard} instead of ${text}`));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.write(text);
  });
}

/** @param {() => Promise<void>} attempt */
async function counted(attempt) {
  try {
    await attempt();
    answered++;
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Nobody uses a port twice: a connection of the same port as one before may well be counted as one with it.
 * @param {number} client
 */
function firstPort(client) {
  return 10_000 + client * 25_000;
}

/** @param {number} client */
async function ask(client) {
  const [host = '', port = ''] = words;
  for (let number = 0; !stopped; number++) {
    await counted(async () => {
      const socket = connect({ host, port: Number(port), localPort: firstPort(client) + number });
      try {
        await exchange(socket, `${client} asks ${number}\n`);
      } finally {
        socket.removeAllListeners('close').destroy();
      }
    });
    await sleep(10);
  }
}

async function talk() {
  const [host = '', port = ''] = words;
  const socket = connect({ host, port: Number(port), localPort: 9_000 }); // none of those who ask
  for (let number = 0; !stopped; number++) {
    await counted(() => exchange(socket, `${number}\n`));
    socket.removeAllListeners('close').removeAllListeners('error');
    if (failures.length > 0) break;
    await sleep(20);
  }
  socket.destroy();
}

function untilTheInputEnds() {
  process.stdin.resume().once('end', () => {
    stopped = true;
  });
}

if (mode === 'serve') {
  createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(Number(words[0]));
} else {
  untilTheInputEnds();
  const clients =
    mode === 'ask' ? Array.from({ length: Number(words[2]) }, (_, client) => ask(client)) : [talk()];
  await Promise.all(clients);
  process.stdout.write(`${JSON.stringify({ answered, failures })}\n`);
}
