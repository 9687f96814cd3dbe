/** Many ipvsadm command lines in a namespace, without as many starts of Node. */

import { createInterface } from 'node:readline';
import type { Outcome } from './processes.ts';
import { type Namespace, root } from './support.ts';

/** Answers one command line after the other, as bin/ipvsadm would; ends with the test. */
export function answering(
  namespace: Namespace,
): (words: readonly string[], input: string) => Promise<Outcome> {
  const { stdin, stdout } = namespace.start('node', `${root}test/director/answering.mjs`).child;
  if (!stdin || !stdout) throw new Error('a pipe each way was asked for');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return async (words, input) => {
    stdin.write(`${JSON.stringify({ words, input })}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`ipvsadm ${words.join(' ')}: the process that answers has ended`);
    return JSON.parse(value) as Outcome;
  };
}
