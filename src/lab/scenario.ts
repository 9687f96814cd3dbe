/**
 * Playing a scenario: steps on the hosts of a lab, each told as a person would read it, each checked.
 *
 * A failed check does not end the scenario: the steps after it show how far the failure reaches.
 */

import type { Lab } from './lab.ts';
import type { Event } from './narrate.ts';
import type { Background, Outcome } from './process.ts';
import type { Topology } from './topology.ts';

export type Scenario = {
  readonly name: string;
  readonly about: string;
  readonly topology: Topology;
  /** Programs that must be in the PATH. */
  readonly tools: readonly string[];
  readonly steps: readonly Step[];
};

export type Step = {
  /** Its place in the story: `4`, `7a`. */
  readonly row: string;
  readonly title: string;
  readonly why: string;
  play(stage: Stage): Promise<void>;
};

/** What a step plays on. */
export type Stage = {
  /** Fires when the scenario is to end; waits in a step listen to it. */
  readonly signal: AbortSignal;
  /** Types a line at a host's prompt: shown, run by `sh`, its output shown. 15 seconds at most. */
  type(host: string, line: string): Promise<Outcome>;
  /** The same without a word, for measurements and loops. */
  quietly(host: string, line: string): Promise<Outcome>;
  /** Shows a line and lets it run beside what follows; what it prints is read from `log` in the host's directory. */
  beside(host: string, line: string, log: string): Promise<Background>;
  /** Shows a server's command and waits until it listens. */
  serve(host: string, line: string, port: number): Promise<void>;
  /** Local ports below the range the kernel chooses from, that were not given out before in this scenario. */
  ports(count: number): readonly number[];
  /** The directory of a host's own files, in which its lines run. */
  directory(host: string): string;
  /** A fact, or what the output means. */
  say(text: string): void;
  /** `otherwise` says what was seen instead; it is only asked for when `seen` is false. */
  check(expectation: string, seen: boolean, otherwise: () => string): void;
};

export type Result = { readonly passed: number; readonly failed: number; readonly seconds: number };

const typedTimeoutMs = 15_000;

/** Plays all steps. Rejects when the lab itself fails, or with the reason of `signal`. */
export async function play(
  scenario: Scenario,
  lab: Lab,
  tell: (event: Event) => void,
  signal: AbortSignal,
): Promise<Result> {
  const begin = performance.now();
  let [passed, failed] = [0, 0];
  const count = (event: Event) => {
    if (event.kind === 'check') event.seen ? passed++ : failed++;
    tell(event);
  };
  tell({
    kind: 'opening',
    title: `${scenario.name}: ${scenario.about}`,
    lab: lab.id,
    topology: lab.topology,
  });
  const stage = stageFor(lab, count, signal);
  for (const step of scenario.steps) {
    tell({ kind: 'step', row: step.row, title: step.title, why: step.why });
    await step.play(stage);
  }
  const result = { passed, failed, seconds: (performance.now() - begin) / 1000 };
  tell({ kind: 'end', name: scenario.name, ...result });
  return result;
}

function stageFor(lab: Lab, tell: (event: Event) => void, signal: AbortSignal): Stage {
  const shell = (line: string) => ['sh', '-c', line];
  const quietly = (host: string, line: string) =>
    lab.host(host).run(shell(line), { timeoutMs: typedTimeoutMs });
  let nextPort = 10_001;
  return {
    signal,
    quietly,
    async type(host, line) {
      tell({ kind: 'command', host, line });
      const outcome = await quietly(host, line);
      tell({ kind: 'output', text: outcome.stdout + outcome.stderr });
      if (outcome.timedOut)
        tell({ kind: 'note', text: `ended after ${typedTimeoutMs / 1000} s without an answer` });
      return outcome;
    },
    beside(host, line, log) {
      tell({ kind: 'command', host, line: `${line} &` });
      return lab.host(host).start(shell(line), log);
    },
    async serve(host, line, port) {
      tell({ kind: 'command', host, line: `${line} &` });
      await lab.host(host).serve(shell(`exec ${line}`), 'server.log', port);
    },
    ports(count) {
      nextPort += count;
      return Array.from({ length: count }, (_, at) => nextPort - count + at);
    },
    directory: (host) => lab.host(host).directory,
    say: (text) => tell({ kind: 'note', text }),
    check(expectation, seen, otherwise) {
      tell({ kind: 'check', expectation, seen, ...(seen ? {} : { otherwise: otherwise() }) });
    },
  };
}
