/** `npm run bench` itself: each part measures, in its shortest form, and leaves nothing behind. What it finds is not judged. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { haproxy, nginx, streamModule } from '../../bench/end-to-end/tools.ts';
import type { PartFigure } from '../../bench/figure.ts';
import { obstacle } from '../support/privileged.ts';

const program = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url));

function bench(...words: readonly string[]): readonly PartFigure[] {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  const json = join(directory, 'figures.json');
  try {
    const argv = [program, '--quick', '--rounds', '1', '--json', json, ...words];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 100_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return JSON.parse(readFileSync(json, 'utf8')).figures;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the set-up has not been asked for yet, in a sentence. */
function missingRival(): string | undefined {
  try {
    for (const find of [haproxy, nginx, streamModule]) find();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const medianOf = (figures: readonly PartFigure[], name: string): number =>
  figures.find((figure) => figure.name === name)?.value.median ?? Number.NaN;

test('end to end, requests come through by each way', ({ skip }) => {
  const missing = obstacle() ?? missingRival();
  if (missing !== undefined) skip(missing);
  const figures = bench('end-to-end', '--only', 'keep-alive');
  for (const way of ['direct', 'ceiling', 'Fairlead', 'HAProxy', 'nginx'])
    expect(medianOf(figures, `keep-alive: ${way}`), way).toBeGreaterThan(0);
});

test('live frames all come out behind a director', ({ skip }) => {
  const missing = obstacle();
  if (missing !== undefined) skip(missing);
  const figures = bench('live');
  for (const name of ['generator', 'redirect', 'socket buffer', 'Fairlead (1024 flows)'])
    expect(medianOf(figures, `live frames: ${name}`), name).toBeGreaterThan(0);
});

test('established flows go on during a SYN flood', ({ skip }) => {
  const missing = obstacle() ?? (cpus().length > 1 ? undefined : 'needs two CPUs');
  if (missing !== undefined) skip(missing);
  const figures = bench('churn');
  expect(medianOf(figures, 'SYN flood on 1024 established flows: SYNs')).toBeGreaterThan(0);
  const [alone, flooded] = ['alone', 'flooded'].map((how) =>
    medianOf(figures, `SYN flood on 1024 established flows: ${how}`),
  );
  expect(flooded).toBeGreaterThan((alone ?? Number.NaN) / 10);
  // How many are lost is up to whatever else the CPUs do: a ring that nobody empties overflows. But every one is counted.
  expect(medianOf(figures, 'lost of 1024 established flows, and counted nowhere')).toBe(0);
});

test('every connection of a large number is held, and gone when its time is over', ({ skip }) => {
  const missing = obstacle();
  if (missing !== undefined) skip(missing);
  const figures = bench('scale', '--only', 'connections');
  expect(medianOf(figures, '100 000 connections, held')).toBe(100_000);
});
