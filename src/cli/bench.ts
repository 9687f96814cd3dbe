/** `fairlead bench`: the benchmark of this checkout. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LabError } from '../lab/errors.ts';
import { packageRoot } from '../lab/package-root.ts';
import { runAttached } from '../lab/process.ts';
import { benchPartLines, benchParts, quickSeconds } from './bench-parts.ts';

const help = `
Everything happens in network namespaces that come and go with the run. It takes more than half an hour; a quick one, two
minutes. What each row means and what is asked of it: docs/benchmarks.md

Parts:
${benchPartLines()}
Examples:
  fairlead bench --quick
  fairlead bench live churn
  fairlead bench end-to-end --only keep-alive --rounds 3 --json figures.json

Exit status: 0 measured, whatever the figures are; 1 something failed; 2 a wrong call, or this machine or installation
lacks something; 130 after ^C.`;

/** What an installation without them lacks: the sources of the benchmark, and esbuild, which bundles them. */
const needed = ['bench/main.ts', 'scripts/bench.mjs', 'scripts/setup.mjs', 'node_modules/esbuild'];

type Options = {
  readonly quick?: true;
  readonly only?: string;
  readonly rounds?: string;
  readonly json?: string;
  readonly publish?: true;
};

export function register(program: Command): void {
  program
    .command('bench')
    .description('what Fairlead costs on this machine, in turns with what there is to compare it with')
    .argument('[part...]', `${Object.keys(benchParts).join(', ')}; all but the last unless named`)
    .option('--quick', `fewer rounds and cases; after ${quickSeconds} seconds nothing more is begun`)
    .option('--only <text>', 'only cases with this in their names')
    .option('--rounds <number>', 'turns of each case')
    .option('--json <file>', 'where the figures go')
    .option('--publish', 'put them into docs/benchmarks.md, and draw its chart')
    .addHelpText('after', help)
    .action(async (parts: readonly string[], options: Options) => {
      const missing = needed.find((file) => !existsSync(join(packageRoot, file)));
      if (missing !== undefined) throw new LabError(notHere(missing), 2);
      const script = (name: string, words: readonly string[]): Promise<number> =>
        runAttached([process.execPath, join(packageRoot, 'scripts', name), ...words], {});
      process.exitCode =
        (await script('setup.mjs', ['lab', 'bench'])) === 0
          ? await script('bench.mjs', [...parts, ...wordsOf(options)])
          : 2;
    });
}

function notHere(missing: string): string {
  return `${join(packageRoot, missing)} is missing: the benchmark is part of a checkout, with its development packages (npm ci)`;
}

/** The command line again, for the benchmark reads it itself. */
function wordsOf(options: Options): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, value],
  );
}
