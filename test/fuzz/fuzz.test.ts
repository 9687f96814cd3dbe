/**
 * The BPF data plane and the model, side by side: every difference that was ever found, as a case by its name, and a
 * short campaign. `npm run fuzz` goes on for as long as one likes, with any seed.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { test } from '../support/test.ts';
import { campaign, play, type Report } from './campaign.ts';
import { parseOptions } from './options.ts';
import { playersOn } from './players.ts';
import type { Case } from './step.ts';

const folder = new URL('cases/', import.meta.url);
const cases = readdirSync(folder).map(
  (file) =>
    [
      file.replace(/\.json$/, '').replaceAll('-', ' '),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case,
    ] as const,
);

test.for(cases)('%s', ([, given], { bench }) => {
  expect(play(playersOn(bench), given, 1).difference).toBeUndefined();
});

/** The same configurations in every run, so that a change is judged by nothing but itself. */
const seed = '2026';
const configurations = 60;

test(`BPF and model agree in ${configurations} random configurations`, ({ bench }) => {
  const reports: Report[] = [];
  const options = parseOptions([
    '--seed',
    seed,
    '--configurations',
    String(configurations),
    '--packets',
    '300',
  ]);
  campaign(playersOn(bench), options, { first: 0, stride: 1 }, (report) => {
    reports.push(report);
    return !report.found;
  });
  expect(reports.find(({ found }) => found)?.found, `seed ${seed}`).toBeUndefined();
  expect(reports.length).toBe(configurations);
});
