/**
 * The BPF data plane and the model, side by side: every difference that was ever found, as a case by its name, and a
 * short campaign with a seed of its own. `npm run fuzz` goes on for as long as one likes.
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

const seconds = 10;

test(`BPF and model agree in random cases, for ${seconds} seconds`, ({ bench }) => {
  const seed = String(Date.now() % 1_000_000);
  const until = performance.now() + seconds * 1000;
  const reports: Report[] = [];
  const options = parseOptions(['--seed', seed, '--configurations', '100000', '--packets', '300']);
  campaign(playersOn(bench), options, { first: 0, stride: 1 }, (report) => {
    reports.push(report);
    return !report.found && performance.now() < until;
  });
  expect(reports.find(({ found }) => found)?.found, `seed ${seed}`).toBeUndefined();
  expect(reports.length).toBeGreaterThan(0);
});
