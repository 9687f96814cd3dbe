/** Our answers to command lines, in this process: the grammar over a director in memory. */

import { Readable } from 'node:stream';
import { createFakeDirector } from '../../src/ipvsadm/fake-director.ts';
import { helpText, versionText } from '../../src/ipvsadm/help.ts';
import { main } from '../../src/ipvsadm/main.ts';
import { collector } from '../../src/ipvsadm/test-streams.ts';
import { goldenNames } from '../golden/subset.ts';
import type { Line } from './generate.ts';
import { type Answer, hostsText } from './guest.ts';

/** One answer for each line; every line meets what those before it have left. */
export async function* replay(lines: Iterable<Line>): AsyncGenerator<Answer> {
  const client = createFakeDirector();
  const names = goldenNames(hostsText);
  for (const { argv, stdin = '' } of lines) {
    const [stdout, stderr] = [collector(), collector()];
    const code = await main(argv, {
      connect: () => Promise.resolve(client),
      names,
      isRoot: () => true,
      stdin: Readable.from([stdin]),
      stdout: stdout.stream,
      stderr: stderr.stream,
    });
    yield { stdout: stdout.text(), stderr: stderr.text(), code };
  }
}

export function sameAnswer(line: Line, real: Answer, ours: Answer): boolean {
  return (
    real.code === ours.code &&
    real.stderr === ours.stderr &&
    comparable(line, real.stdout) === comparable(line, ours.stdout)
  );
}

/**
 * Services further apart than half of all numbers: ipvsadm subtracts, so that each of two may be the smaller one, and
 * their order is that of a hash table with a random seed.
 */
const orderless =
  /(?:FWM {2}|-f )-?214748364[78]\b|(?:^(?:TCP|UDP|SCTP) +|-A -\S+ )(?:[6-9]\d|1[0-8]\d)\.\d/m;

/** Where IPVS lists a hash table with a random seed, lines are compared as a set; and help is in our own words. */
function comparable({ argv, stdin = '' }: Line, stdout: string): string {
  const isHash = [...argv, stdin].some((word) => word.includes('--nosort')) || orderless.test(stdout);
  const text = stdout
    .replace(helpText, versionText)
    .replace(/(compiled with popt and IPVS v1\.2\.1\)\n)Usage:[\s\S]*/, '$1');
  return isHash ? text.split('\n').sort().join('\n') : text;
}
