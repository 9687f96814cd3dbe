import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfiguration, readText } from './load.ts';

it('a pipe in the place of a configuration file is refused at once, and what is read instead is said', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'load-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  await expect(loadConfiguration(path)).rejects.toThrow(
    `${path}: it is a pipe, and not a file: name a file, or - for standard input`,
  );
});

it('a file that is not there is said to be none', async () => {
  await expect(readText('/nowhere.yaml')).rejects.toThrow(/^\/nowhere\.yaml: there is no such file$/);
});
