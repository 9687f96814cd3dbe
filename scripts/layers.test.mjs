import { describe, expect, test } from 'vitest';

import { importsOf, layerViolations } from './layers.mjs';

describe('importsOf', () => {
  test.each([
    ["import { a } from './b.ts';", 'src/x/b.ts', false],
    ["import type { A } from '../y/b.ts';", 'src/y/b.ts', true],
    ["import {\n  a,\n  b,\n} from 'koffi';", 'koffi', false],
    ["import { type A } from './b.ts';", 'src/x/b.ts', false],
    ["import type from 'node:fs';", 'node:fs', false],
    ["import './b.ts';", 'src/x/b.ts', false],
    ["export * from './b.ts';", 'src/x/b.ts', false],
    ["const { a } = await import('./b.ts');", 'src/x/b.ts', false],
    ['await import(name);', '(computed)', false],
    ["const koffi = require('koffi');", 'koffi', false],
  ])('reads %j', (text, to, typeOnly) => {
    expect(importsOf('src/x/a.ts', text)).toMatchObject([{ to, typeOnly }]);
  });

  test.each([
    ["// import './b.ts'"],
    ["/* as in\nimport './b.ts' */"],
    ["export const words = 'moved from';\nconst x = 'import';"],
    ["export function f(x = 'from') {}"],
  ])('finds none in %j', (text) => {
    expect(importsOf('src/x/a.ts', text)).toEqual([]);
  });
});

describe('layerViolations', () => {
  test('downwards, to the domain and within a room is the order of the house', () => {
    const sources = {
      'src/director/main.ts': "import '../dataplane/a.ts';\nimport './b.ts';\nimport '../ipvs/c.ts';",
      'src/dataplane/a.ts': "import '../linux/ffi.ts';",
      'src/linux/ffi.ts': "const koffi = require('koffi');\nimport '../ipvs/c.ts';",
    };
    expect(layerViolations(sources)).toEqual([]);
  });

  test.each([
    ['src/api/a.ts', '../dataplane/b.ts', 'src/api/a.ts: imports sideways, src/dataplane/b.ts'],
    ['src/linux/a.ts', '../lab/b.ts', 'src/linux/a.ts: imports upwards, src/lab/b.ts'],
    ['src/lab/a.ts', 'koffi', 'src/lab/a.ts: only src/linux may import koffi'],
    ['src/attic/a.ts', 'node:fs', 'src/attic/a.ts: is in no room that scripts/layers.mjs knows'],
  ])('%s may not import %s', (path, to, violation) => {
    expect(layerViolations({ [path]: `import x from '${to}';` })).toEqual([violation]);
    expect(layerViolations({ [path]: `import type x from '${to}';` })).toEqual([violation]);
  });

  test('ipvsadm reaches no npm package by any road, and the road is named', () => {
    const sources = {
      'src/ipvsadm/main.ts': "const { a } = await import('../api/client.ts');",
      'src/api/client.ts': "import { Type } from 'typebox';",
    };
    expect(layerViolations(sources)).toEqual([
      'ipvsadm loads no npm package and no server code: src/ipvsadm/main.ts > src/api/client.ts > typebox',
    ]);
  });

  test('the fairlead command loads the FFI library when it calls C, and not before', () => {
    /** @param {string} text */
    const library = (text) => ({ 'src/cli/main.ts': "import '../linux/ffi.ts';", 'src/linux/ffi.ts': text });
    expect(layerViolations(library("const koffi = require('koffi');"))).toEqual([]);
    expect(layerViolations(library("import koffi from 'koffi';"))).toEqual([
      'only the commands that call C load the FFI library: src/cli/main.ts > src/linux/ffi.ts > koffi',
    ]);
  });

  test('a type on the road loads nothing', () => {
    const sources = {
      'src/ipvsadm/main.ts': "import '../api/client.ts';",
      'src/api/client.ts': "import type { Static } from 'typebox';",
    };
    expect(layerViolations(sources)).toEqual([]);
  });

  test('what a command alone needs may be loaded when it is called', () => {
    const sources = {
      'src/cli/main.ts': "import './status.ts';\nimport './check.ts';",
      'src/cli/status.ts': '',
      'src/cli/check.ts': "const { read } = await import('../config/read.ts');",
      'src/config/read.ts': "import 'yaml';",
    };
    expect(layerViolations(sources)).toEqual([]);
    const eager = { ...sources, 'src/cli/status.ts': "import '../config/read.ts';" };
    expect(layerViolations(eager)).toEqual([
      'only the commands about a configuration load what reads one: src/cli/main.ts > src/cli/status.ts > src/config/read.ts',
      'only the commands about a configuration load what reads one: src/cli/main.ts > src/cli/status.ts > src/config/read.ts > yaml',
    ]);
  });
});
