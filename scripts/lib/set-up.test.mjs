import { describe, expect, test } from 'vitest';

import { missingSentence, packagesOf } from './debian-packages.mjs';
import { profiles } from './needs.mjs';
import { matchesLockfile } from './npm-packages.mjs';

const absent = { present: () => false };
const setpriv = { name: 'setpriv', debian: 'util-linux', ...absent };
const unshare = { name: 'unshare', debian: 'util-linux', ...absent };
const ip = { name: 'ip', debian: 'iproute2', ...absent };

describe('what is missing from Debian', () => {
  test('is said in one line, with each package once', () => {
    expect(missingSentence([setpriv, ip, unshare], 'only root can install them')).toBe(
      'missing: setpriv, ip, unshare (Debian packages: util-linux iproute2); only root can install them',
    );
    expect(packagesOf([setpriv, ip, unshare])).toEqual(['util-linux', 'iproute2']);
  });

  test.each(Object.entries(profiles))('profile %s names each need once', (_, needs) => {
    const names = needs.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

describe('node_modules matches the lockfile', () => {
  const locked = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-darwin': { version: '1.0.0', optional: true },
  };

  test.each([
    ['with the same package', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }, true],
    ['not without it', {}, false],
    ['not with another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }, false],
    ['not with other bytes', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }, false],
  ])('%s', (_, installed, matches) => {
    expect(matchesLockfile(locked, installed)).toBe(matches);
  });
});
