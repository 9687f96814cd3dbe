import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  excusedCommands,
  type GoldenStep,
  goldenHosts,
  goldenNames,
  readGolden,
  shellWords,
} from '../../test/golden/subset.ts';
import { createFakeDirector } from './fake-director.ts';
import { main } from './main.ts';
import { collector } from './test-streams.ts';

const files = ['ipvsadm.jsonl', 'grammar.jsonl', 'services.jsonl'] as const;

type Answer = Pick<GoldenStep, 'stdout' | 'stderr' | 'code'>;

/** Each step with our answer; none where it is no ipvsadm command. */
async function replay(steps: readonly GoldenStep[]): Promise<{ step: GoldenStep; answer?: Answer }[]> {
  const client = createFakeDirector();
  let names = goldenNames(goldenHosts);
  const answers: { step: GoldenStep; answer?: Answer }[] = [];
  for (const step of steps) {
    if (step.cmd === '@hosts') {
      names = goldenNames(step.stdin ?? '');
      continue;
    }
    const [program, ...words] = shellWords(step.cmd);
    if (program !== 'ipvsadm') {
      answers.push({ step });
      continue;
    }
    const [stdout, stderr] = [collector(), collector()];
    const code = await main(words, {
      connect: () => Promise.resolve(client),
      names,
      isRoot: () => true,
      stdin: Readable.from([step.stdin ?? '']),
      stdout: stdout.stream,
      stderr: stderr.stream,
    });
    answers.push({ step, answer: { stdout: stdout.text(), stderr: stderr.text(), code } });
  }
  return answers;
}

/** Where the order of lines came from a hash with a random seed, they are compared as a set. */
function comparable({ stdout, stderr, code }: Answer, { unstable }: GoldenStep): Answer {
  return { stdout: unstable ? stdout.split('\n').sort().join('\n') : stdout, stderr, code };
}

describe('what real ipvsadm answered', () => {
  const excused = excusedCommands();

  it.each(files)(
    'in %s is answered to the byte, but for what docs/ipvsadm-compatibility.md lists',
    async (name) => {
      for (const { step, answer } of await replay(readGolden(name))) {
        if (excused.has(step.cmd)) continue;
        expect(answer && comparable(answer, step), `${step.group}: ${step.cmd}`).toEqual(
          comparable(step, step),
        );
      }
    },
  );

  it('is indeed answered otherwise where docs/ipvsadm-compatibility.md says so', async () => {
    const steps = files.flatMap(readGolden).filter(({ cmd }) => excused.has(cmd));
    expect(new Set(steps.map(({ cmd }) => cmd))).toEqual(excused);
    for (const { step, answer } of await replay(steps)) {
      expect(answer && comparable(answer, step), step.cmd).not.toEqual(comparable(step, step));
    }
  });
});
