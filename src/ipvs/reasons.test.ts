import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reasons } from './reasons.ts';

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

it("the reasons are those of the data plane's contract, in its order", () => {
  const contract = textOf('../../bpf/include/abi/names.h');
  const names = [...contract.matchAll(/^\tFL_REASON_(\w+)/gm)].map(([, name = '']) => name.toLowerCase());
  expect(Object.keys(reasons)).toEqual(names);
});

it('the page names each with what becomes of the packet', () => {
  const page = textOf('../../docs/not-forwarded.md');
  const rows = [...page.matchAll(/^\| ([a-z_]+) +\| (.*?) +\|/gm)].map(([, name = '', fate = '']) => [
    name,
    fate,
  ]);
  const documented = Object.fromEntries(rows.filter(([name]) => name !== 'reason'));
  expect(documented).toEqual(
    Object.fromEntries(Object.entries(reasons).map(([name, { fate }]) => [name, fate])),
  );
});
