import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { topologyFaults } from '../topology.ts';
import { pitfallsPage } from './page.ts';
import { settings } from './settings.ts';
import { pitfalls, trials } from './table.ts';

const text = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

it('docs/pitfalls.md is what the table says (fairlead lab pitfalls --markdown)', () => {
  expect(text('pitfalls.md')).toBe(pitfallsPage());
});

it('every pitfall has its number, and every trial stands under its own', () => {
  expect(pitfalls.map(({ number }) => number)).toEqual(Array.from({ length: 33 }, (_, at) => at + 1));
  for (const { number, trials } of pitfalls)
    expect(trials.map(({ pitfall }) => pitfall)).toEqual(trials.map(() => number));
});

it('no two trials have the same name', () => {
  expect(new Set(trials.map(({ name }) => name)).size).toBe(trials.length);
});

it('every finding that a fault expects is one of the doctor, and has a section in docs/doctor.md', () => {
  const sections = new Set([...text('doctor.md').matchAll(/^### (\S+)$/gm)].map(([, code]) => code));
  const expected = trials.flatMap((trial) => (trial.kind === 'harmless' ? [] : trial.finding.code));
  expect(expected.filter((code) => !sections.has(code))).toEqual([]);
});

it.each(settings.map((setting) => [setting.name, setting] as const))(
  '%s can be built',
  (_, { topology, doctors }) => {
    expect(topologyFaults(topology)).toEqual([]);
    expect(doctors.filter((host) => topology.hosts[host] === undefined)).toEqual([]);
  },
);
