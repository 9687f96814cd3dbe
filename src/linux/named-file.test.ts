import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNamed, readNamedSync } from './named-file.ts';

describe('a file that somebody has named', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'named-'));
    writeFileSync(join(directory, 'file'), 'text');
    symlinkSync('file', join(directory, 'link'));
    execFileSync('mkfifo', [join(directory, 'pipe')]);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['file', 'link'])('is read: %s', async (name) => {
    expect(String(await readNamed(join(directory, name)))).toBe('text');
    expect(String(readNamedSync(join(directory, name)))).toBe('text');
  });

  it.each([
    ['pipe', 'NOT_A_FILE', 'it is a pipe, and not a file: name a file'],
    ['', 'NOT_A_FILE', 'it is a directory, and not a file: name a file'],
    ['none', 'ENOENT', 'there is no such file'],
    ['file/none', 'ENOTDIR', 'stat: ENOTDIR'],
  ])('is refused at once where it is none: %s', async (name, code, why) => {
    const path = join(directory, name);
    const refusal = { code, message: `${path}: ${why}` };
    await expect(readNamed(path)).rejects.toMatchObject(refusal);
    expect(() => readNamedSync(path)).toThrow(expect.objectContaining(refusal));
  });

  it('is no device, which is not touched', async () => {
    await expect(readNamed('/dev/zero')).rejects.toThrow(
      '/dev/zero: it is a device, and not a file: name a file',
    );
  });
});
