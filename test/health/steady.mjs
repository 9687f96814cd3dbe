/**
 * A client that asks a web server so many times a second at most, each time by a connection of its own, until it is sent
 * SIGTERM; then it prints the answers by their text, and of each failure when it began (milliseconds since 1970) and why.
 *   node steady.mjs ADDRESS PORT PER-SECOND
 */

import { connect } from 'node:net';

const [address = '', port = '', rate = '100'] = process.argv.slice(2);
const patience = 20_000;
/** One after the other: a port that is used again is the old connection to a director. */
const [firstPort, ports] = [1_024, 64_000];
/** With so many under way, this machine or the real servers have too much to do already. */
const mostUnderWay = 200;
/** @type {Record<string, number>} */
const answers = {};
/** @type {{ at: number, why: string }[]} */
const failures = [];
let [turns, sent, under] = [0, 0, 0];
let isOver = false;

const began = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - began) * Number(rate)) / 1000);
  for (; due > turns; turns++) if (under < mostUnderWay) ask();
}, 2);

process.once('SIGTERM', () => {
  isOver = true;
  clearInterval(timer);
  if (under === 0) tell();
});

function tell() {
  console.log(JSON.stringify({ sent, answers, failures }));
}

function ask() {
  under++;
  sent++;
  const at = Date.now();
  let [heard, why] = ['', ''];
  const localPort = firstPort + (sent % ports);
  const socket = connect({ host: address, port: Number(port), localPort });
  socket.setTimeout(patience, () => socket.destroy(new Error('timeout')));
  socket.setEncoding('utf8').on('data', (text) => {
    heard += text;
  });
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', () => {
    const answer = /\n(\S+)\n$/.exec(heard)?.[1];
    if (why === '' && answer) answers[answer] = (answers[answer] ?? 0) + 1;
    else failures.push({ at, why: why || 'no answer' });
    under--;
    if (isOver && under === 0) tell();
  });
  socket.write('GET / HTTP/1.0\r\n\r\n');
}
