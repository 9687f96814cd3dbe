import { expect, test } from 'vitest';

import { lockfileComplaints, missingPlatforms } from './lockfile.mjs';

const tool = {
  version: '2.0.0',
  dev: true,
  optionalDependencies: {
    '@tool/linux-x64': '2.0.0',
    '@tool/linux-arm64-musl': '2.0.0',
    '@tool/darwin-x64': '2.0.0',
  },
};
const complete = {
  'node_modules/tool': tool,
  'node_modules/@tool/linux-x64': { version: '2.0.0' },
  'node_modules/@tool/linux-arm64-musl': { version: '2.0.0' },
  'node_modules/@tool/darwin-x64': { version: '2.0.0' },
};

test("binaries of other platforms that the lockfile lacks are told from the package's own list", () => {
  const { 'node_modules/tool': only, 'node_modules/@tool/linux-x64': own } = complete;
  expect(missingPlatforms({ 'node_modules/tool': only, 'node_modules/@tool/linux-x64': own })).toEqual({
    'node_modules/@tool/linux-arm64-musl': {
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['musl'],
    },
    'node_modules/@tool/darwin-x64': {
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['darwin'],
      cpu: ['x64'],
    },
  });
});

test('a complete lockfile without hosts is fine', () => {
  expect(lockfileComplaints(complete)).toEqual([]);
});

test('a lockfile that says where a package came from is not', () => {
  const resolved = 'somewhere/tool.tgz';
  expect(lockfileComplaints({ ...complete, 'node_modules/tool': { ...tool, resolved } })).toEqual([
    'package-lock.json: node_modules/tool names a host',
  ]);
});
