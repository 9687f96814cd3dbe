/** bin/ipvsadm and bin/fairlead, called as people call them. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { bin, createNamespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const places: readonly (readonly [string, (program: string, directory: string) => Call])[] = [
  ['from the root directory', (program) => ({ argv: [program], cwd: '/' })],
  ['by a relative path', (program, cwd) => ({ argv: [relative(cwd, program)], cwd })],
  ['through a symbolic link', (program, cwd) => ({ argv: [linkTo(program, join(cwd, 'a-link'))], cwd })],
  [
    'through a relative link to a link in another directory',
    (program, cwd) => {
      mkdirSync(join(cwd, 'sbin'));
      linkTo(program, join(cwd, 'sbin/one'));
      return { argv: [linkTo('sbin/one', join(cwd, 'two'))], cwd: '/' };
    },
  ],
  [
    'through a link in the PATH',
    (program, cwd) => {
      linkTo(program, join(cwd, 'fl-program'));
      return { argv: ['env', `PATH=${cwd}:${process.env['PATH']}`, 'fl-program'], cwd: '/' };
    },
  ],
];

type Call = { readonly argv: readonly string[]; readonly cwd: string };

test.each(places)('ipvsadm and fairlead run %s, and so does the daemon they start', async (_, place) => {
  const namespace = await createNamespace('place');
  const ipvsadm = place(bin.ipvsadm, temporaryDirectory());
  const fairlead = place(bin.fairlead, temporaryDirectory());

  const added = await namespace.run([...ipvsadm.argv, '-A', '-t', '10.0.0.100:80', '-s', 'rr'], ipvsadm);
  expect(added).toEqual({ stdout: '', stderr: '', code: 0 });
  const status = await namespace.run([...fairlead.argv, 'status', '--json'], fairlead);
  expect(status).toMatchObject({ stderr: '', code: 0 });
  expect(JSON.parse(status.stdout)).toMatchObject({ namespace: namespace.inode });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function linkTo(target: string, path: string): string {
  symlinkSync(target, path);
  return path;
}
