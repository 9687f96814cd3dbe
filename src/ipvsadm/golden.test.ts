import { describe, expect, it } from 'vitest';
import {
  type GoldenStep,
  goldenHosts,
  goldenNames,
  type MarkedStep,
  markSubset,
  readGolden,
  shellWords,
} from '../../test/golden/subset.ts';
import { createFakeDirector } from './fake-director.ts';
import { main } from './main.ts';
import { collector } from './test-streams.ts';

/** How many steps of each file are replayed; a number that shrinks has to be explained. */
const replayed = { 'ipvsadm.jsonl': 206, 'grammar.jsonl': 393 };

type Answer = Pick<GoldenStep, 'stdout' | 'stderr' | 'code'>;

async function replay(steps: readonly MarkedStep[]): Promise<{ step: MarkedStep; answer: Answer }[]> {
  const client = createFakeDirector();
  let names = goldenNames(goldenHosts);
  const answers: { step: MarkedStep; answer: Answer }[] = [];
  for (const step of steps) {
    if (step.cmd === '@hosts') names = goldenNames(step.stdin ?? '');
    if (step.outside || step.cmd === '@hosts') continue;
    const [stdout, stderr] = [collector(), collector()];
    const connect = () => Promise.resolve(client);
    const modules = { connect, names, isRoot: () => true, stdout: stdout.stream, stderr: stderr.stream };
    const code = await main(shellWords(step.cmd).slice(1), modules);
    answers.push({ step, answer: { stdout: stdout.text(), stderr: stderr.text(), code } });
  }
  return answers;
}

describe.each(Object.entries(replayed))('golden file %s', (name, expected) => {
  it('is answered as real ipvsadm did, step by step', async () => {
    const answers = await replay(await markSubset(readGolden(name)));
    for (const { step, answer } of answers) {
      const { group, cmd, stdout, stderr, code, unstable } = step;
      const comparable = (text: string) => (unstable ? text.split('\n').sort().join('\n') : text);
      const shown = { ...answer, stdout: comparable(answer.stdout) };
      expect(shown, `${group}: ${cmd}`).toEqual({ stdout: comparable(stdout), stderr, code });
    }
    expect(answers.length).toBe(expected);
  });
});
