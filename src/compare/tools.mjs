/**
 * Fairlead's commands without a process for each: `node tools.mjs HOUSE`, in the namespace of the director.
 *
 * Reads `{ program, words }` line by line and answers `{ code, stdout, stderr }`. What runs is the bundle that
 * bin/ipvsadm and bin/fairlead run; only Node's start is saved, which would be most of the time.
 */

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [house] = process.argv.slice(2);
const programs = {
  ipvsadm: (await import(pathToFileURL(`${house}/dist/ipvsadm.cjs`).href)).main,
  fairlead: (await import(pathToFileURL(`${house}/dist/fairlead.js`).href)).main,
};

const texts = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr']) {
  process[name].setMaxListeners(0);
  process[name].write = (text, ...rest) => {
    texts[name] += text;
    rest.findLast((argument) => typeof argument === 'function')?.();
    return true;
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { program, words } = JSON.parse(line);
  Object.assign(texts, { stdout: '', stderr: '' });
  process.exitCode = undefined;
  const answered = await programs[program](words);
  writeSync(1, `${JSON.stringify({ code: process.exitCode ?? answered, ...texts })}\n`);
}
