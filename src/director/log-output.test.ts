import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeBounded } from './log-output.ts';

it('a log file never grows beyond its bound, and what is newest is in it, in whole lines', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'log');
  const fd = openSync(path, 'a+');
  onTestFinished(() => closeSync(fd));
  for (let number = 0; number < 500; number++) {
    writeBounded(fd, `line ${number} ${'x'.repeat(number % 40)}\n`, 1000);
    const text = readFileSync(path, 'utf8');
    expect(text.length).toBeLessThanOrEqual(1000);
    const lines = text.split('\n').slice(0, -1);
    expect(lines.at(-1)).toBe(`line ${number} ${'x'.repeat(number % 40)}`);
    for (const line of lines) expect(line).toMatch(/^line \d+ x*$/);
    if (number > 50) expect(text.length).toBeGreaterThan(400);
  }
});
