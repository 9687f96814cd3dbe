import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadTls } from './certificates.ts';

it('a pipe in the place of a certificate is refused at once: the whole daemon would wait for it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const certificate = join(directory, 'pipe');
  execFileSync('mkfifo', [certificate]);
  expect(() => loadTls({ certificate, key: '/nowhere.key' })).toThrow(
    expect.objectContaining({
      code: 'LISTENER_FAILED',
      detail: `${certificate}: it is a pipe, and not a file: name a file`,
    }),
  );
});
