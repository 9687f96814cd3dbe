/**
 * Asks ADDRESS for its page again and again, each time by a connection from a port of its own, from FIRST on, and prints
 * what came, a line each: `pages.mjs ADDRESS FIRST`, until its input ends.
 */

import { get } from 'node:http';

const [host, first] = process.argv.slice(2);
const patience = 5_000;
let stopped = false;
process.stdin.resume().once('end', () => {
  stopped = true;
});

/**
 * @param {number} localPort
 * @returns {Promise<string>}
 */
function page(localPort) {
  return new Promise((resolve) => {
    const request = get({ host, localPort, agent: false, timeout: patience }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.once('end', () => resolve(text.trim()));
    });
    request.once('timeout', () => request.destroy(new Error('no answer')));
    request.once('error', ({ message }) => resolve(`failed: ${message}`));
  });
}

for (let port = Number(first); !stopped; port++) process.stdout.write(`${await page(port)}\n`);
