/**
 * Asks the director of this namespace one short question after the other until its input ends, and prints how long the
 * longest answer took: how long anybody had to wait for the daemon's one thread.
 */

import { readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const namespace = /\[(\d+)\]/.exec(readlinkSync('/proc/self/ns/net'))?.[1];
let isOver = false;
process.stdin.resume().once('end', () => {
  isOver = true;
});

/** @returns {Promise<number>} milliseconds */
function ask() {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const asked = request(
      { socketPath: `/run/fairlead/${namespace}.sock`, path: '/v1/timeouts' },
      (answer) => {
        answer.resume().once('end', () => resolve(performance.now() - began));
      },
    );
    asked.once('error', reject).end();
  });
}

let longest = 0;
while (!isOver) {
  longest = Math.max(longest, await ask());
  await sleep(2);
}
process.stdout.write(`${longest.toFixed(0)} ms\n`);
