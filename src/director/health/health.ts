/**
 * The health of services: what is asked of their real servers, what comes of it, and the one road by which all of that,
 * and what people want, gets into the table.
 */

import { setInterval } from 'node:timers/promises';
import type { Lazily } from '../../api/answer-pieces.ts';
import type { HealthStatus, HealthSummary } from '../../api/health.ts';
import type { DataPlane } from '../../dataplane/dataplane.ts';
import { drain } from '../../dataplane/pieces.ts';
import type { Job } from '../../health/job.ts';
import type { Member } from '../../health/member.ts';
import { mayServe } from '../../health/member.ts';
import { withOctets, withoutOctets } from '../../health/octets.ts';
import type { Outcome } from '../../health/outcome.ts';
import type { HealthPlan } from '../../health/plan.ts';
import { messageOf } from '../../ipvs/errors.ts';
import {
  destinationKeyText,
  type ServiceConfiguration,
  serviceKeyText,
  tellsItsEnd,
} from '../../ipvs/service.ts';
import type { Director } from '../director.ts';
import type { Events } from '../events.ts';
import { failuresOf } from '../failures.ts';
import type { Farewell } from '../farewell.ts';
import { createBook } from './book.ts';
import { createDrains } from './drains.ts';
import type { Maintenance } from './maintenance.ts';
import { type Memory, restored } from './memory.ts';
import { type Clocks, createQuestions } from './questions.ts';
import { statusOf, summaryOf, wantedOf } from './report.ts';
import { createWishes, type Wishes } from './wishes.ts';

export type HealthModules = {
  readonly plane: DataPlane;
  readonly director: Director;
  readonly events: Events;
  readonly memory: Memory;
  readonly maintenance: Maintenance;
  /** Ends the connections of a real server. */
  readonly farewell: Farewell;
  /** From now on exactly these are asked (health/checker). */
  readonly ask: (jobs: readonly Job[]) => void;
  readonly clocks: Clocks;
  readonly log: (line: string) => void;
};

export type Health = {
  /** What people and files want. */
  readonly wishes: Wishes;
  /** As those of the data plane, and what comes of the changes with them. */
  readonly transaction: DataPlane['transaction'];
  readonly transactionByPieces: DataPlane['transactionByPieces'];
  readonly batch: DataPlane['batch'];
  readonly plan: () => HealthPlan;
  readonly replacePlan: (plan: HealthPlan) => void;
  /** Has a look at what a plan that is to come needs to know; it resolves soon, whatever comes of it. */
  readonly foresee: (plan: HealthPlan) => Promise<void>;
  readonly wanted: () => Iterable<ServiceConfiguration>;
  /** Made while it is read. */
  readonly status: () => Lazily<HealthStatus>;
  readonly summary: () => HealthSummary;
  /** An answer has come. */
  readonly take: (id: string, outcome: Outcome) => void;
  /** Acts on the answers that have come. */
  readonly settle: () => void;
  /** What goes on with the time. To be called once a second. */
  readonly tick: () => void;
  /** Ends when the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

const tickMilliseconds = 1_000;
/** Answers that come together are acted on together. */
const gatherMilliseconds = 20;

/** Goes on where an earlier daemon has left off, if it was with this data plane. */
export function createHealth(modules: HealthModules, isNewPlane: boolean): Health {
  const { plane, director, events, memory, maintenance, farewell, ask, clocks, log } = modules;
  const questions = createQuestions(clocks);
  const book = createBook({ plane, director, questions, restsBy: maintenance.restsBy, clocks });
  const drains = createDrains(
    (post) => director.service(post.key),
    (post, server) => {
      const member = post.members.get(server);
      return member !== undefined && mayServe(member);
    },
  );
  let isTogether = false;
  /** Answers that have come while a long change was made: they are heard after it. */
  let unheard: (readonly [id: string, outcome: Outcome])[] | undefined;
  let asked = questions.version();
  let gathering: NodeJS.Timeout | undefined;
  /** Whether files say something else than was acted on. */
  let isRestDue = false;
  let failure = '';
  let unwritten = '';
  /** A plan is replaced as a whole: who asks again is shown the same one (configuration-tag.ts). */
  let shown: { readonly of: HealthPlan; readonly plan: HealthPlan } | undefined;

  /** A real server that fails must go whether that can be noted or not. */
  const noteIfPossible = (): void => {
    try {
      memory.write(book.plan(), book.posts(), clocks.now());
      unwritten = '';
    } catch (error) {
      const line = `health: what the next daemon has to know is not written: ${messageOf(error)}`;
      if (line !== unwritten) log(line);
      unwritten = line;
    }
  };
  const conclude = (): void => {
    const { events: happened, failed } = book.commit();
    for (const event of happened) events.emit(event);
    for (const { post, destination, isSorry } of failed) {
      if (!isSorry && !post.plan.resetConnections && tellsItsEnd(post.key)) continue;
      // It is out of the table by now: one whose connections cannot be ended keeps no other one from that.
      for (const why of failuresOf([() => farewell(post.key, destination)]))
        log(`health: ${destinationKeyText(destination)} is out, and its connections are not ended: ${why}`);
    }
    questions.prune();
    if (questions.version() === asked) return;
    asked = questions.version();
    ask(questions.jobs());
  };
  /** Nothing of what was changed is to be. */
  const takeBack = (): void => {
    book.rollback();
    maintenance.open(book.plan().maintenance);
    noteIfPossible();
  };
  /** The action and what comes of it, or nothing of either. */
  const whole = (
    how: (additions: number, action: () => void) => void,
    additions: number,
    action: () => void,
  ): void => {
    book.begin();
    isTogether = true;
    try {
      how(additions + book.out(), action);
    } catch (error) {
      takeBack();
      throw error;
    } finally {
      isTogether = false;
    }
    conclude();
  };
  /** An action of a transaction, and what comes of it. */
  const settling = function* (action: () => Iterable<void>): Generator<void> {
    yield* action();
    yield* book.settle();
    // Ahead of the table: what leaves it must be known to whoever comes after us, and what it has never had must not.
    memory.announce(book.plan(), book.posts(), clocks.now());
  };
  const transaction = (additions: number, action: () => void): void => {
    whole(plane.transaction, additions, () => {
      drain(settling(() => [action()]));
    });
    noteIfPossible();
  };
  /** The same in pieces: nothing else is settled meanwhile, and nobody is shown anything of it. */
  const transactionByPieces = function* (
    additions: number,
    action: () => Iterable<void>,
    committed?: () => void,
  ): Generator<void> {
    book.begin(true);
    isTogether = true;
    unheard = [];
    let isDone = false;
    try {
      // The table is shown from then on, and its tag is another one: what is shown beside it must not be of before.
      const show = (): void => {
        book.show();
        committed?.();
      };
      yield* plane.transactionByPieces(additions + book.out(), () => settling(action), show);
      isDone = true;
    } finally {
      if (!isDone) takeBack();
      isTogether = false;
      const answers = unheard;
      unheard = undefined;
      if (isDone) {
        conclude();
        noteIfPossible();
      }
      for (const answer of answers) take(...answer);
    }
  };
  const change = (additions: number, action: () => void): void => {
    if (isTogether || book.plan().services.length === 0) action();
    else transaction(additions, action);
  };
  /** Writes what has come of answers, files and time, in all services or in one. Answers why it could not. */
  const settle = (only?: string): string | undefined => {
    try {
      whole(plane.transaction, 0, () => {
        drain(book.settle(only));
        noteIfPossible();
      });
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  const settleNow = (): void => {
    if (unheard) return;
    clearTimeout(gathering);
    gathering = undefined;
    const due = book.dirty();
    const problem = due.length === 0 ? undefined : settle();
    // One of several must not keep the others back.
    if (problem !== undefined && due.length > 1) for (const service of due) settle(service);
    if (problem !== undefined && problem !== failure) log(`health: ${problem}`);
    failure = problem ?? '';
  };

  const take = (id: string, outcome: Outcome): void => {
    if (unheard) {
      unheard.push([id, outcome]);
      return;
    }
    for (const subject of questions.take(id, outcome)) book.judge(subject);
    if (book.isDirty()) gathering ??= setTimeout(settleNow, gatherMilliseconds);
  };

  /** Nobody waits for a directory that does not answer. */
  const lookAtFiles = (): void => {
    void maintenance.look().then((hasChanged) => {
      isRestDue ||= hasChanged;
    });
  };
  const tick = (): void => {
    lookAtFiles();
    if (unheard) return;
    if (isRestDue) book.rest();
    isRestDue = false;
    book.step();
    settleNow();
    if (unwritten !== '') noteIfPossible();
    for (const subject of drains.ended(book.posts())) events.emit({ kind: 'drain-ended', ...subject });
  };

  adoptAll();

  /** Takes over what is in the table, and what is remembered. */
  function adoptAll(): void {
    if (isNewPlane) {
      memory.forget();
      return;
    }
    const { plan, services } = memory.read();
    maintenance.open(plan.maintenance);
    book.setPlan(plan);
    for (const service of plane.configuration()) {
      const text = serviceKeyText(service);
      const own = book.planOf(text);
      if (!own) continue;
      const { members = {}, hasQuorum = true } = services[text] ?? {};
      const inTable = new Map(service.destinations.map((each) => [destinationKeyText(each), each]));
      const known = Object.entries(members).map(([server, record]): readonly [string, Member] => [
        ...([server, restored(record, inTable.get(server), hasQuorum, clocks.now())] as const),
      ]);
      book.adopt(service, own, new Map(known), hasQuorum);
    }
    book.rest();
    drains.ended(book.posts());
    settleNow();
    conclude();
  }

  return {
    wishes: createWishes(director, book, change),
    transaction,
    transactionByPieces,
    batch(action) {
      if (book.plan().services.length === 0) plane.batch(action);
      else whole((_, changes) => plane.batch(changes), 0, action);
      settleNow();
    },
    plan: () => {
      const of = book.shown().plan;
      if (shown?.of !== of) shown = { of, plan: withoutOctets(of) };
      return shown.plan;
    },
    replacePlan(plan) {
      const replace = (): void => {
        maintenance.open(plan.maintenance);
        book.replace(withOctets(plan));
      };
      if (isTogether) replace();
      else transaction(0, replace);
    },
    foresee: (plan) => maintenance.foresee(plan.maintenance),
    wanted: () => wantedOf(plane.configuration(), book.shown().posts),
    status: () => statusOf(book.shown(), clocks.now()),
    summary: () => summaryOf(book.shown(), clocks.now()),
    take,
    settle: settleNow,
    tick,
    async run(signal) {
      try {
        for await (const _ of setInterval(tickMilliseconds, undefined, { signal })) {
          tick();
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        clearTimeout(gathering);
      }
    },
  };
}
