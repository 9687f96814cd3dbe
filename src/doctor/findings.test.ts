import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { disorders } from './findings.ts';

const page = readFileSync(new URL('../../docs/doctor.md', import.meta.url), 'utf8');

it('every finding has a section in docs/doctor.md, and every section is a finding', () => {
  const sections = [...page.matchAll(/^### (\S+)$/gm)].map(([, code]) => code);
  expect(sections).toEqual(disorders.map(({ code }) => code));
});

it('no two findings have the same code', () => {
  expect(new Set(disorders.map(({ code }) => code)).size).toBe(disorders.length);
});
