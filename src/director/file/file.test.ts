import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createConfigurationFile } from './file.ts';

const untouched = (): never => {
  throw new Error('nothing is to be asked of the director');
};

it.each([
  ['a pipe, which nobody may ever write into', 'pipe', 'it is a pipe, and not a file: name a file'],
  ['a directory', '.', 'it is a directory, and not a file: name a file'],
  ['nothing', 'none', 'there is no such file'],
])('%s in the place of the file is refused at once', async (_, name, why) => {
  const directory = mkdtempSync(join(tmpdir(), 'file-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  const path = join(directory, name);
  const file = createConfigurationFile(path, {
    target: { look: untouched, work: untouched, transact: untouched },
    read: untouched,
  });
  await expect(file.apply()).rejects.toMatchObject({
    code: 'CONFIGURATION_REFUSED',
    detail: `${path}: ${why}`,
  });
});
