import { describe, expect, it } from 'vitest';
import { generateLines, type Line } from '../../test/lines/generate.ts';
import { readRecording } from '../../test/lines/main.ts';
import { replay, sameAnswer } from '../../test/lines/replay.ts';

const recording = new URL('../../test/golden/random.jsonl', import.meta.url);

describe('random command lines', { timeout: 120_000 }, () => {
  it('are answered as the real ipvsadm answered them, in its words and with its exit code', async () => {
    const recorded = readRecording(recording).filter(({ code }) => code >= 0);
    let index = 0;
    for await (const ours of replay(recorded)) {
      const { argv, stdin, ...real } = recorded[index++] ?? { argv: [], stdout: '', stderr: '', code: 0 };
      if (!sameAnswer({ argv, ...(stdin !== undefined && { stdin }) }, real, ours))
        expect(ours, `line ${index}: ${JSON.stringify(argv)}`).toEqual(real);
    }
    expect(index).toBeGreaterThan(1400);
  });

  it('end with one of four exit codes, and never in a stack trace', async () => {
    let lines = 0;
    for await (const { stderr, code } of replay(generateLines('nobody has recorded these', 3000))) {
      lines += 1;
      expect([0, 1, 2, 255], `line ${lines}`).toContain(code);
      expect(stderr, `line ${lines}`).not.toMatch(/^ {4}at |\bError:|undefined|\[object/m);
      expect(stderr === '', `line ${lines}`).toBe(code === 0 || (stderr === '' && code === 0));
    }
    expect(lines).toBe(3000);
  });

  it('leave tables that are saved, restored and listed again unchanged', async () => {
    // A mark above 2^31 is saved as a negative number, which -R refuses: so it does in the real tool.
    const isUsable = ({ argv, stdin = '' }: Line) =>
      !/2147483[67]|4294967|(?:^|\s)(?:-C|--clear)\b/.test([...argv, stdin].join(' '));
    const lines = generateLines('tables', 2400).filter(isUsable);
    for (let from = 0; from < lines.length; from += 300) {
      const part = lines.slice(from, from + 300);
      const before = await lastOf([...part, { argv: ['-S', '-n'] }]);
      const listed = await lastOf([...part, { argv: ['-L', '-n'] }]);
      expect(before.length).toBeGreaterThan(0);
      const restored: readonly Line[] = [{ argv: ['-R'], stdin: before }];
      expect(await lastOf([...restored, { argv: ['-S', '-n'] }])).toBe(before);
      expect(await lastOf([...restored, { argv: ['-L', '-n'] }])).toBe(listed);
    }
  });
});

/** What the last line prints. */
async function lastOf(lines: readonly Line[]): Promise<string> {
  let text = '';
  for await (const { stdout } of replay(lines)) text = stdout;
  return text;
}
