/** An installation into a directory: what is there works, and all of it goes again. */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { outerFiles } from './install.mjs';
import { findProgram, root } from './lib/run.mjs';

/** @param {readonly string[]} words */
const install = (...words) =>
  execFileSync(process.execPath, [join(root, 'scripts/install.mjs'), ...words], {
    encoding: 'utf8',
    stdio: 'pipe',
  });

/** @param {string} directory @returns {readonly string[]} files and links, below it */
const filesOf = (directory) =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(directory, path)).isDirectory())
    .sort();

/** @param {string} directory @returns {readonly string[]} links of its pages that lead to no file */
const deadLinks = (directory) =>
  filesOf(directory)
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...readFileSync(join(directory, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, link = '']) => join(realpathSync(directory), page, '..', link))
        .filter((target) => !existsSync(target)),
    );

it('has programs that run from where they are, units that name them, and takes itself away again', (context) => {
  context.skip(
    !existsSync(join(root, 'dist/fairlead.js')),
    'needs the bundles in dist/ (node scripts/build.mjs)',
  );
  const there = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(there, { recursive: true, force: true }));
  const stays = join(there, 'opt/fl/sbin/other');
  install('--root', there, '--prefix', '/opt/fl');
  const first = filesOf(there);
  install('--root', there, '--prefix', '/opt/fl'); // over itself
  expect(filesOf(there)).toEqual(first);
  writeFileSync(stays, '');

  /** @param {string} command @param {readonly string[]} words */
  const run = (command, ...words) =>
    execFileSync(join(there, 'opt/fl/sbin', command), words, { encoding: 'utf8', cwd: '/' });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(run('fairlead', '--version')).toBe(`${version}\n`);
  expect(run('fairleadd', '--version')).toBe(`fairleadd ${version}\n`);
  expect(run('ipvsadm', '--version')).toContain('ipvsadm');
  expect(
    run('fairlead', 'realserver', 'export', '--for', '192.0.2.9', '--vip', '192.0.2.1', '--rip', '192.0.2.9'),
  ).toContain('192.0.2.1');
  const library = join(there, 'opt/fl/lib/fairlead');
  const checker = [join(library, 'dist/checker.js'), '0']; // of no namespace: it ends at once
  expect(execFileSync(process.execPath, checker, { encoding: 'utf8' })).toBe('');
  const call = "console.log(require('koffi').load('libc.so.6').func('int getpid()')() === process.pid)";
  expect(execFileSync(process.execPath, ['-e', call], { encoding: 'utf8', cwd: library })).toBe('true\n');
  const unit = readFileSync(join(there, 'etc/systemd/system/fairlead.service'), 'utf8');
  expect(unit).toContain('ExecStart=/opt/fl/sbin/fairleadd\n');
  expect(unit).toContain('ExecReload=/opt/fl/sbin/fairlead reload\n');

  // The programs name these pages.
  const pages = join(there, 'opt/fl/share/doc/fairlead');
  expect(deadLinks(pages).filter((target) => !target.includes('/bpf/'))).toEqual([]); // sources are not installed
  expect(readFileSync(join(pages, 'doctor.md'), 'utf8')).toContain('### vip-missing');

  install('--root', there, '--prefix', '/opt/fl', '--uninstall');
  expect(filesOf(there)).toEqual(['opt/fl/sbin/other']);
});

it('puts units where packages have them only below /usr, and names Node where systemd would not find it', () => {
  const packaged = outerFiles('/usr', '/usr/bin');
  expect(packaged['/usr/lib/systemd/system/fairlead.service']).toContain('ExecStart=/usr/sbin/fairleadd\n');
  expect(packaged['/usr/lib/systemd/system/fairlead.service']).not.toContain('Environment=PATH');
  const local = outerFiles('/usr/local', '/opt/node/bin');
  expect(local['/etc/systemd/system/fairlead@.service']).toContain('Environment=PATH=/opt/node/bin:');
});

it('is refused in one line where the prefix is no place', () => {
  expect(() => install('--prefix', 'here')).toThrow('install: --prefix here: it has to begin with /');
  expect(() => install('--nonsense')).toThrow("install: Unknown option '--nonsense'");
});

it.skipIf(!findProgram('systemd-analyze')).each(['fairlead.service', 'fairlead@.service'])(
  '%s is as exposed as docs/operations.md says, and no more',
  (unit) => {
    const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
    const documented = /exposure level of (\d\.\d)/.exec(page)?.[1];
    const text = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', join(root, 'packaging/systemd', unit)],
      { encoding: 'utf8', stdio: 'pipe' },
    );
    expect(/Overall exposure level for \S+: (\d\.\d)/.exec(text)?.[1]).toBe(documented);
  },
);

it('what keeps the two services in is the same', () => {
  /** @param {string} unit */
  const hardening = (unit) => {
    const text = readFileSync(join(root, 'packaging/systemd', unit), 'utf8');
    return text.slice(text.indexOf('CapabilityBoundingSet='), text.indexOf('[Install]'));
  };
  expect(hardening('fairlead.service')).toMatch(/\nUMask=0077\n\n$/);
  expect(hardening('fairlead@.service')).toBe(hardening('fairlead.service'));
});
