/** `npm run lines`: random command lines to the real ipvsadm and to ours. The exit code says whether all are answered alike. */

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { guestObstacle } from '../../src/compare/guest.ts';
import { generateLines, type Line } from './generate.ts';
import { type Answer, askGuest } from './guest.ts';
import { replay, sameAnswer } from './replay.ts';

const usage = `usage: npm run lines -- [options]

Asks Debian's ipvsadm over kernel IPVS (in user-mode Linux) and ours about random command lines, and compares what they print.

  --seed TEXT    the same seed gives the same lines; default: by the clock, and printed
  --count N      how many; default 20000
  --record FILE  writes lines and real answers, for test/golden/random.jsonl
  --replay FILE  compares with a recording instead of asking
  --show N       how many differences are shown; default 20
`;

const exitCode = { equal: 0, different: 1, usage: 2, skipped: 77 } as const;

type Recorded = Line & Answer;

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: String(Date.now()) },
      count: { type: 'string', default: '20000' },
      record: { type: 'string' },
      replay: { type: 'string' },
      show: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return exitCode.usage;
  }
  const obstacle = values.replay === undefined ? guestObstacle() : undefined;
  if (obstacle !== undefined) {
    process.stdout.write(`cannot ask: ${obstacle}\n`);
    return exitCode.skipped;
  }
  const recorded =
    values.replay === undefined ? await ask(values.seed, Number(values.count)) : readRecording(values.replay);
  if (values.record !== undefined) writeRecording(values.record, recorded);
  return await compare(recorded, Number(values.show));
}

async function ask(seed: string, count: number): Promise<readonly Recorded[]> {
  process.stdout.write(`${count} lines of seed ${seed}\n`);
  const lines = generateLines(seed, count);
  const answers = await askGuest(lines);
  return lines.flatMap((line, index) => {
    const answer = answers[index];
    return answer ? [{ ...line, ...answer }] : [];
  });
}

/** A line at which the real one crashed has no answer, and leaves nothing behind. */
async function compare(all: readonly Recorded[], shown: number): Promise<number> {
  const recorded = all.filter(({ code }) => code >= 0);
  let index = 0;
  let different = 0;
  for await (const ours of replay(recorded)) {
    const real = recorded[index++];
    if (!real || sameAnswer(real, real, ours)) continue;
    different += 1;
    if (different <= shown) process.stdout.write(differenceText(index, real, ours));
  }
  const succeeded = recorded.filter(({ code }) => code === 0).length;
  process.stdout.write(
    `${recorded.length - different} of ${recorded.length} lines are answered alike (${succeeded} of them succeed; at ${all.length - recorded.length} more the real one crashed)\n`,
  );
  return different === 0 ? exitCode.equal : exitCode.different;
}

function differenceText(number: number, { argv, stdin, ...real }: Recorded, ours: Answer): string {
  const input = stdin === undefined ? '' : ` < ${JSON.stringify(stdin)}`;
  const { stdout, stderr, code } = real;
  return `line ${number}: ${JSON.stringify(argv)}${input}\n  real ${JSON.stringify({ stdout, stderr, code })}\n  ours ${JSON.stringify(ours)}\n`;
}

export function readRecording(path: string | URL): readonly Recorded[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

function writeRecording(path: string, recorded: readonly Recorded[]): void {
  writeFileSync(path, recorded.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
