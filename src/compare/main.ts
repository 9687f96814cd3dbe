/** `npm run compare`: random scenarios against kernel IPVS and against Fairlead. The exit code says whether they are equal. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../lab/package-root.ts';
import type { Difference } from './difference.ts';
import { type Feature, features, parseFeatures } from './features.ts';
import { generate } from './generate/generate.ts';
import { guestObstacle } from './guest.ts';
import { play, playAll, type Sides, type Verdict } from './play.ts';
import type { Scenario } from './scenario.ts';
import { readScenario, scriptOf, tell } from './script.ts';
import { shrink } from './shrink.ts';
import { fairleadSide, kernelSide } from './side.ts';

const exitCode = { equal: 0, different: 1, usage: 2, skipped: 77 } as const;

const usage = `usage: npm run compare -- [options]

Plays random scenarios against kernel IPVS (user-mode Linux) and against Fairlead, and compares.

  --seed N          the same seed gives the same scenarios; default: by the clock, and printed
  --count N         how many scenarios; default 500
  --from N          number of the first one; default 1
  --features LIST   what they may use; default: all
                    there are ${features.join(',')}
  --replay FILE     this scenario instead: a script that a comparison has written
  --show            print the scenarios, play nothing
  --shrink N        how many differences are shrunk; default 3
  --workers N       scenarios at a time on each side; default 3
  --house DIR       another checkout's Fairlead, built
  --itself          kernel IPVS against kernel IPVS: shows whether scenarios leave anything to chance
  --keep            keep the working directory, with the players' logs
`;

type Options = {
  readonly seed: number;
  readonly scenarios: readonly Scenario[];
  readonly features: readonly Feature[];
  readonly shrinks: number;
  readonly workers: number;
  readonly house: string;
  /** The other side is kernel IPVS, too: then everything has to be equal. */
  readonly itself: boolean;
  readonly keep: boolean;
  readonly show: boolean;
};

async function main(argv: readonly string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = optionsOf(argv);
  } catch (error) {
    process.stderr.write(`compare: ${error instanceof Error ? error.message : error}\n`);
    return exitCode.usage;
  }
  if (!options) {
    say(usage);
    return exitCode.equal;
  }
  if (options.show) {
    for (const scenario of options.scenarios) say(`${scenario.name}\n${tell(scenario)}`);
    return exitCode.equal;
  }
  const obstacle = obstacleOf(options);
  if (obstacle) {
    say(`skipped: ${obstacle}\n`);
    return exitCode.skipped;
  }
  return await compare(options);
}

function optionsOf(argv: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ seed: text, count: text, from: text, features: text, replay: text, shrink: text, workers: text },
      ...{ house: text, itself: flag, keep: flag, show: flag, help: flag },
    },
  });
  if (values.help) return undefined;
  const chosen = parseFeatures(values.features);
  const seed = whole(values.seed, Date.now() % 1_000_000);
  const from = whole(values.from, 1);
  const scenarios = values.replay
    ? [readScenario(readFileSync(values.replay, 'utf8'))]
    : Array.from({ length: whole(values.count, 500) }, (_, index) => generate(seed, from + index, chosen));
  return {
    ...{ seed, scenarios, features: chosen, keep: values.keep, show: values.show, itself: values.itself },
    shrinks: whole(values.shrink, 3),
    workers: whole(values.workers, 3),
    house: values.house ?? packageRoot,
  };
}

function whole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new RangeError(`not a whole number: ${text}`);
  return Number(text);
}

function obstacleOf({ house, itself }: Options): string | undefined {
  if (itself) return guestObstacle();
  if (process.geteuid?.() !== 0) return 'Fairlead needs root';
  if (!existsSync(join(house, 'dist/ipvsadm.cjs'))) return `${house} is not built (npm run build)`;
  return guestObstacle();
}

async function compare(options: Options): Promise<number> {
  const { workers, house, itself, keep, seed, scenarios, features: chosen } = options;
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-compare-'));
  const names = chosen.length > 0 ? `: ${chosen.join(', ')}` : '';
  say(`seed ${seed}, ${scenarios.length} scenarios, TCP and UDP by direct routing${names}\n`);
  const other = { directory: join(directory, 'fairlead'), workers };
  const sides: Sides = {
    kernel: kernelSide({ directory: join(directory, 'kernel'), workers }),
    fairlead: itself ? kernelSide(other) : fairleadSide({ ...other, house }),
  };
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    // The players go with us.
    process.once(signal, () => {
      rmSync(directory, { recursive: true, force: true });
      process.exit(128 + number);
    });
  }
  try {
    return await run(sides, options);
  } finally {
    await Promise.all([sides.kernel.close(), sides.fairlead.close()]);
    if (keep) say(`kept: ${directory}\n`);
    else rmSync(directory, { recursive: true, force: true });
  }
}

async function run(
  sides: Sides,
  { scenarios, features: chosen, workers, shrinks }: Options,
): Promise<number> {
  const started = performance.now();
  const one = (fresh: boolean) => (scenario: Scenario) => play(sides, scenario, { fresh, features: chosen });
  let done = 0;
  const first = await playAll(scenarios, inFlight(workers), one(false), (verdict) => {
    done += 1;
    if (isDifferent(verdict)) say(briefly(verdict, 'different, to be played once more'));
    if (done % 50 === 0) say(`  ${done} played, ${seconds(started)} s\n`);
  });
  // What a busy machine did to one play does not happen twice in peace.
  const suspects = first.filter(isDifferent);
  if (suspects.length > 0) say(`  ${suspects.length} of them once more\n`);
  const again = await playAll(
    suspects.map(({ scenario }) => scenario),
    2,
    one(true),
  );
  const different = again.filter(isDifferent);
  for (const { scenario } of different.slice(0, shrinks)) await report(scenario, sides, chosen, workers);
  for (const verdict of different.slice(shrinks)) say(briefly(verdict, 'different'));
  for (const [index, { differences: none }] of again.entries()) {
    const verdict = suspects[index];
    if (verdict && none.length === 0) say(briefly(verdict, 'different once, and not again'));
  }
  const packets = scenarios.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'send').length;
  const equal = scenarios.length - different.length;
  say(`${equal} of ${scenarios.length} scenarios equal (${packets} packets) in ${seconds(started)} s\n`);
  return different.length === 0 ? exitCode.equal : exitCode.different;
}

/** While Fairlead plays one, the kernel plays the next. */
function inFlight(workers: number): number {
  return 2 * workers;
}

function briefly({ scenario, differences }: Verdict, how: string): string {
  return `${scenario.name}, ${how}:\n${differencesText(differences.slice(0, 1))}`;
}

async function report(
  scenario: Scenario,
  sides: Sides,
  chosen: readonly Feature[],
  workers: number,
): Promise<void> {
  const one = (candidate: Scenario) => play(sides, candidate, { fresh: true, features: chosen });
  const smallest = await shrink(scenario, async (candidates) => {
    const verdicts = await playAll(candidates, inFlight(workers), one);
    return verdicts.map(isDifferent);
  });
  explain(await one(smallest), chosen);
}

function explain({ scenario: smallest, differences }: Verdict, chosen: readonly Feature[]): void {
  const file = join(tmpdir(), `compare-${smallest.name.replaceAll(/\W+/g, '-')}.sh`);
  writeFileSync(file, scriptOf(smallest, chosen), { mode: 0o755 });
  say(`\n${smallest.name}:\n${tell(smallest)}`);
  say(differencesText(differences));
  say(`script: ${file}\nagain:  npm run compare -- --replay ${file}\n\n`);
}

function differencesText(differences: readonly Difference[]): string {
  return differences
    .flatMap(({ step, title, kernel, fairlead }) => [
      `at step ${step + 1}, ${title}:`,
      ...kernel.map((line) => `  kernel    ${line}`),
      ...fairlead.map((line) => `  fairlead  ${line}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function isDifferent(verdict: Verdict): boolean {
  return verdict.differences.length > 0;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function say(text: string): void {
  process.stdout.write(text);
}

process.exitCode = await main(process.argv.slice(2));
