/**
 * ipvsadm's own bundle, asked by one command line after the other in one process: Node takes twenty times as long to
 * start as ipvsadm to answer. A line of JSON each way: `{ words, input }`, and `{ stdout, stderr, code }`.
 */

import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';

const { main } = await import(new URL('../../dist/ipvsadm.cjs', import.meta.url).href);

function collector() {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { stream, text: () => text };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { words, input } = JSON.parse(line);
  const [stdout, stderr] = [collector(), collector()];
  const streams = { stdin: Readable.from([input]), stdout: stdout.stream, stderr: stderr.stream };
  const code = await main(words, streams);
  process.stdout.write(`${JSON.stringify({ stdout: stdout.text(), stderr: stderr.text(), code })}\n`);
}
