import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

import { archiveOf } from './archive.mjs';
import { findProgram } from './run.mjs';

test('busybox finds the files of an archive, with what is in them', (context) => {
  const busybox = findProgram('busybox');
  if (!busybox) return context.skip('needs busybox');
  const input = archiveOf([{ path: 'bin' }, { path: 'bin/one', content: Buffer.from('1\n') }]);
  const cpio = (/** @type {readonly string[]} */ ...words) =>
    spawnSync(busybox, ['cpio', ...words], { input, encoding: 'utf8' }).stdout;
  expect(cpio('-t')).toBe('bin\nbin/one\n');
  expect(cpio('-i', '--to-stdout', 'bin/one')).toBe('1\n');
});

test('an archive ends with its trailer, in whole words', () => {
  const bytes = archiveOf([{ path: 'a', content: Buffer.from('12345') }]);
  expect(bytes.length % 4).toBe(0);
  expect(bytes.includes('TRAILER!!!\0')).toBe(true);
});
