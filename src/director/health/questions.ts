/**
 * What real servers are asked, and what came of it. Checks that ask the same of the same real server are one job, however
 * many services they are for; each rise and fall of it has a standing of its own.
 */

import type { CheckStatus } from '../../api/health.ts';
import type { Check, SingleCheck } from '../../health/check.ts';
import { type Job, jobOf } from '../../health/job.ts';
import type { Outcome } from '../../health/outcome.ts';
import { afterAnswer, type Standing, unasked, type Verdict } from '../../health/standing.ts';
import { singlesOf, verdictOf } from '../../health/verdict.ts';
import type { Destination, ServiceKey } from '../../ipvs/service.ts';

/** A real server of a service: `tcp:192.0.2.10:80`, `10.0.0.11:80`. */
export type Subject = { readonly service: string; readonly server: string };

type Asked = {
  readonly job: Job;
  /** Since when, by `Clocks.now`. */
  readonly since: number;
  readonly subjects: Map<string, Subject>;
  /** By rise and fall. */
  readonly standings: Map<string, Standing>;
  passed: number;
  failed: number;
  latencyMs?: number;
  /** `at`: by `Clocks.now`; `date`: by `Clocks.date`. */
  last?: { readonly outcome: Outcome; readonly at: number; readonly date: number };
};

type Question = { readonly check: SingleCheck; readonly asked: Asked };
type Following = {
  readonly wanted: Destination;
  readonly checks: readonly Check[];
  readonly questions: readonly Question[];
};

export type Questions = ReturnType<typeof createQuestions>;

/** What others are told of it. */
export type Told = {
  status(subject: Subject): readonly CheckStatus[];
  jobs(): readonly Job[];
  /** Real servers of whom nothing is known of late: how many checks of them say nothing, and one of those. */
  blind(): { readonly count: number; readonly one?: Subject & { readonly problem: string } };
};

export type Clocks = {
  /** Milliseconds of a monotonic clock: what goes by it is not moved by who sets the time. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly date: () => number;
};

export function createQuestions({ now, date }: Clocks) {
  const jobs = new Map<string, Asked>();
  const following = new Map<string, Following>();
  let version = 0;

  const questionOf = (check: SingleCheck, service: ServiceKey, subject: Subject, wanted: Destination) => {
    const job = jobOf(check, service, wanted);
    const known = jobs.get(job.id);
    const asked: Asked = known ?? {
      ...{ job, since: now(), passed: 0, failed: 0 },
      subjects: new Map(),
      standings: new Map(),
    };
    if (!known) {
      jobs.set(job.id, asked);
      version++;
    }
    asked.subjects.set(textOf(subject), subject);
    if (!asked.standings.has(rhythmText(check))) asked.standings.set(rhythmText(check), unasked);
    return { check, asked };
  };
  const leave = (subject: Subject, questions: readonly Question[]): void => {
    for (const { asked } of questions) asked.subjects.delete(textOf(subject));
  };

  const askedNow = (): readonly Asked[] => [...jobs.values()].filter(({ subjects }) => subjects.size > 0);

  return {
    /** A real server is asked these from now on; what was asked before already goes on. */
    follow(service: ServiceKey, subject: Subject, wanted: Destination, checks: readonly Check[]): void {
      const before = following.get(textOf(subject));
      if (before && before.checks === checks && isSameTarget(before.wanted, wanted)) return;
      const questions = singlesOf(checks).map((check) => questionOf(check, service, subject, wanted));
      following.set(textOf(subject), { wanted, checks, questions });
      const kept = new Set(questions.map(({ asked }) => asked));
      if (before)
        leave(
          subject,
          before.questions.filter(({ asked }) => !kept.has(asked)),
        );
    },

    unfollow(subject: Subject): void {
      const before = following.get(textOf(subject));
      following.delete(textOf(subject));
      if (before) leave(subject, before.questions);
    },

    /** Forgets what nobody asks any more: once it is certain that nobody comes back to it. */
    prune(): void {
      for (const [id, { subjects }] of jobs) {
        if (subjects.size > 0) continue;
        jobs.delete(id);
        version++;
      }
    },

    /** Another number whenever other jobs are wanted. */
    version: (): number => version,

    ...toldOf(following, askedNow, now),

    /** What is told of those who are followed now, whoever comes and goes behind it. */
    asTheyAre(): Told {
      const asked = askedNow().map((each) => ({ ...each, subjects: new Map(each.subjects) }));
      return toldOf(new Map(following), () => asked, now);
    },

    /** An answer: whom it may have changed. This host's own failure to ask says nothing of anybody. */
    take(id: string, outcome: Outcome): readonly Subject[] {
      const asked = jobs.get(id);
      if (!asked) return [];
      asked.last = { outcome, at: now(), date: date() };
      if (!outcome.ok && outcome.reason === 'local') return [];
      if (outcome.ok) {
        asked.passed++;
        asked.latencyMs = outcome.latencyMs;
      } else asked.failed++;
      for (const [text, standing] of asked.standings)
        asked.standings.set(text, afterAnswer(standing, outcome.ok, rhythmOf(text)));
      return [...asked.subjects.values()];
    },

    /** What its checks say together; nothing where they do not know yet. */
    verdict(subject: Subject): Verdict | undefined {
      const found = following.get(textOf(subject));
      return found && verdictOf(found.checks, (check) => standingIn(found.questions, check)?.verdict);
    },

    /** The smallest weight that one of its checks asks for, where one does. */
    said(subject: Subject): number | undefined {
      const { questions = [] } = following.get(textOf(subject)) ?? {};
      const weights = questions.flatMap(({ asked: { last } }) =>
        last?.outcome.ok && last.outcome.weight !== undefined ? [last.outcome.weight] : [],
      );
      return weights.length > 0 ? Math.min(...weights) : undefined;
    },

    /** Why its checks say what they say: the last answer of the one that decides. */
    reason(subject: Subject, verdict: Verdict): string {
      const { questions = [] } = following.get(textOf(subject)) ?? {};
      const deciding = questions.find(({ check, asked }) => standingOf(asked, check)?.verdict === verdict);
      if (!deciding) return verdict === 'up' ? 'no check fails' : 'a check fails';
      const { check, asked } = deciding;
      return `${check.name}: ${saidBy(asked) ?? (verdict === 'up' ? 'it answers' : 'it fails')}`;
    },
  };
}

/** `asked`: what somebody is asked. */
function toldOf(
  following: ReadonlyMap<string, Following>,
  asked: () => readonly Asked[],
  now: () => number,
): Told {
  return {
    jobs: () => asked().map(({ job }) => job),

    blind() {
      let count = 0;
      let one: (Subject & { readonly problem: string }) | undefined;
      for (const each of asked()) {
        const problem = problemOf(each, now());
        if (problem === undefined) continue;
        count += each.subjects.size;
        for (const subject of each.subjects.values()) one ??= { ...subject, problem };
      }
      return one ? { count, one } : { count };
    },

    status(subject) {
      const { questions = [] } = following.get(textOf(subject)) ?? {};
      return questions.map(({ check, asked }): CheckStatus => {
        const { passed, failed, latencyMs, last } = asked;
        const said = saidBy(asked);
        const problem = problemOf(asked, now());
        return {
          ...{ name: check.name, verdict: standingOf(asked, check)?.verdict ?? 'unknown', passed, failed },
          ...(latencyMs !== undefined && { latencyMs }),
          ...(said !== undefined && { said }),
          ...(last && { at: new Date(last.date).toISOString() }),
          ...(problem !== undefined && { problem }),
        };
      });
    },
  };
}

function textOf({ service, server }: Subject): string {
  return `${service} ${server}`;
}

function rhythmText({ rise, fall }: Pick<SingleCheck, 'rise' | 'fall'>): string {
  return `${rise}/${fall}`;
}

function rhythmOf(text: string): Pick<SingleCheck, 'rise' | 'fall'> {
  const [rise = 1, fall = 1] = text.split('/').map(Number);
  return { rise, fall };
}

function standingOf({ standings }: Asked, check: SingleCheck): Standing | undefined {
  return standings.get(rhythmText(check));
}

function standingIn(questions: readonly Question[], check: SingleCheck): Standing | undefined {
  const question = questions.find((each) => each.check === check);
  return question && standingOf(question.asked, check);
}

/** Weight and thresholds are nothing to a check. */
function isSameTarget(a: Destination, b: Destination): boolean {
  return a.address === b.address && a.port === b.port && a.method === b.method;
}

/** An answer is missed when so many rounds and this time are over. */
const mostRounds = 3;
const toleranceMilliseconds = 20_000;

function problemOf({ job, since, last }: Asked, now: number): string | undefined {
  const silentMs = now - (last?.at ?? since);
  if (silentMs > mostRounds * job.intervalMs + job.timeoutMs + toleranceMilliseconds)
    return `no answer for ${Math.floor(silentMs / 1000)} s: nobody asks`;
  if (last && !last.outcome.ok && last.outcome.reason === 'local')
    return `this host cannot ask: ${last.outcome.detail}`;
  return undefined;
}

/** What the last answer said. */
function saidBy({ last }: Asked): string | undefined {
  if (!last) return undefined;
  const { outcome } = last;
  return outcome.ok ? outcome.detail : `${outcome.reason}: ${outcome.detail}`;
}
