/** Live frames in a guest whose kernel has IPVS: Debian's own, emulated (scripts/kernel.mjs). */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../../src/lab/errors.ts';
import type { PartFigure } from '../figure.ts';
import type { Part } from '../part.ts';

export const ipvsPart: Part = {
  name: 'ipvs',
  rounds: [7, 3],
  async measure({ rounds, signal, report }) {
    const directory = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
    try {
      const json = join(directory, 'figures.json');
      await boot(['--bench', json, '--rounds', String(rounds)], signal);
      const { figures } = JSON.parse(readFileSync(json, 'utf8')) as {
        readonly figures: readonly PartFigure[];
      };
      for (const { name, value, unit, ratios } of figures)
        report({ name: name.replace(/^live frames/, 'emulated'), value, unit, ratios });
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

const program = fileURLToPath(new URL('../../scripts/kernel.mjs', import.meta.url));

/** Rejects with LabError when this machine cannot, and with the signal's reason once that has fired. */
async function boot(words: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
    signal,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.throwIfAborted();
  if (code !== 0) throw new LabError(`npm run kernel ended with ${code}`, code === 77 ? 2 : 1);
}
