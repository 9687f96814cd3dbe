/**
 * The same real server on several machines, all of them or none: first each is asked whether it can be one, then each
 * is made one, and only when all have become so, that is made final. Before that everything can be taken back.
 */

import type { Ipv4 } from '../../ipvs/address.ts';
import { type Machine, readMachine } from '../join/machine.ts';
import { type Plan, planFor } from '../join/plan.ts';
import { refusalOf } from '../join/refusal.ts';
import { type Line, readReport } from '../join/report.ts';
import { engineText, scriptText } from '../join/script.ts';
import { ownAddresses } from '../join/senders.ts';
import type { Scripts, Shell } from '../join/shell.ts';
import type { Wanted } from '../join/wanted.ts';
import { Unreachable } from './ssh.ts';

export type Host = {
  /** As a person calls it. */
  readonly name: string;
  readonly shell: Shell;
  /** Its own address that ARP is to show; else what it has. */
  readonly rip?: Ipv4;
};

export type Outcome = 'joined' | 'untouched' | 'refused' | 'failed' | 'taken back' | 'left' | 'unknown';

export type HostReport = {
  readonly name: string;
  readonly outcome: Outcome;
  /** Why, in one line, where it is not as it should be. */
  readonly why?: string;
  readonly lines: readonly Line[];
};

type Prepared = { readonly host: Host; readonly machine: Machine; readonly plan: Plan };

/** Whether all of them can become real servers; nothing is done. */
export async function prepare(
  hosts: readonly Host[],
  wanted: Wanted,
  { questions }: Scripts,
): Promise<readonly Prepared[] | readonly HostReport[]> {
  const answers = await Promise.all(hosts.map((host) => examine(host, wanted, questions)));
  const ready = answers.filter((answer): answer is Prepared => typeof answer !== 'string');
  const problems = answers.map((answer, at) =>
    typeof answer === 'string' ? answer : twinOf(answer, ready, hosts.slice(0, at)),
  );
  if (problems.every((problem) => problem === undefined)) return ready;
  return hosts.map(({ name }, at): HostReport => {
    const why = problems[at];
    return why === undefined
      ? { name, outcome: 'untouched', lines: [] }
      : { name, outcome: 'refused', why, lines: [] };
  });
}

export function isPrepared(
  result: readonly Prepared[] | readonly HostReport[],
): result is readonly Prepared[] {
  return result.every((each) => 'plan' in each);
}

/** What it can become, or why not. */
async function examine(host: Host, wanted: Wanted, questions: string): Promise<Prepared | string> {
  const ended = await reached(host.shell(questions));
  if (typeof ended === 'string') return ended;
  const machine = readMachine(ended.stdout);
  if (!machine) return `its shell gives no answers: ${ended.stderr.trim() || `it ends with ${ended.code}`}`;
  const own = { ...wanted, rips: host.rip === undefined ? [] : [host.rip] };
  return refusalOf(own, machine) ?? { host, machine, plan: planFor(own, machine) };
}

/** One machine under two names would be set up twice at a time. */
function twinOf(one: Prepared, all: readonly Prepared[], before: readonly Host[]): string | undefined {
  const addresses = (each: Prepared): string =>
    ownAddresses(each.machine, [])
      .map(({ address }) => address)
      .join();
  const twin = all.find(
    (other) => before.includes(other.host) && addresses(other) === addresses(one) && addresses(one) !== '',
  );
  return twin && `it is the same machine as ${twin.host.name}`;
}

/** Makes them real servers, all or none. `interrupted` is asked between the phases. */
export async function carryOut(
  prepared: readonly Prepared[],
  { engine }: Scripts,
  interrupted: () => boolean,
): Promise<readonly HostReport[]> {
  const say = (word: string) => (each: Prepared) => ask(each.host, scriptText(each.plan, engine), word);
  const applied = await Promise.all(prepared.map(say('apply')));
  const isWhole = applied.every(({ outcome }) => outcome === 'joined') && !interrupted();
  if (isWhole) {
    const ends = await Promise.all(prepared.map(say('commit')));
    return ends.map((end, at) => ({ ...end, lines: [...(applied[at]?.lines ?? []), ...end.lines] }));
  }
  return await Promise.all(
    prepared.map(async (each, at): Promise<HostReport> => {
      const first = applied[at];
      if (first?.outcome === 'failed') return first;
      const back = await say('back')(each);
      const why = back.why ?? first?.why;
      const outcome = back.outcome === 'joined' ? 'taken back' : 'unknown';
      return { ...back, outcome, ...(why !== undefined && { why }) };
    }),
  );
}

/** Takes back on each what was done there; each by itself. */
export async function leaveAll(hosts: readonly Host[], { engine }: Scripts): Promise<readonly HostReport[]> {
  const ends = await Promise.all(hosts.map((host) => ask(host, engineText(engine), 'leave')));
  return ends.map((end) => (end.outcome === 'joined' ? { ...end, outcome: 'left' as const } : end));
}

/** `joined` stands for any word that was done; `failed` means that it was taken back there already. */
async function ask({ name, shell }: Host, script: string, word: string): Promise<HostReport> {
  const ended = await reached(shell(script, [word]));
  if (typeof ended === 'string') return { name, outcome: 'unknown', why: ended, lines: [] };
  const lines = readReport(ended.stdout);
  if (ended.code === 0) return { name, outcome: 'joined', lines };
  const bad = lines.find(
    ({ outcome }) => outcome === 'failed' || outcome === 'stuck' || outcome === 'absent',
  );
  if (bad === undefined)
    return { name, outcome: 'unknown', why: `its shell was ended with ${ended.code}`, lines };
  return { name, outcome: 'failed', why: [bad.what, bad.detail].filter(Boolean).join(': '), lines };
}

async function reached<T>(answer: Promise<T>): Promise<T | string> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Unreachable) return error.message;
    throw error;
  }
}
