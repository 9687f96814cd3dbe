/**
 * What a daemon must know that comes after one that was killed, and cannot see in the data plane: the plan, and the real
 * servers of which the table says something else than is wanted. Two files, each replaced as a whole.
 *
 * A change of people and files is made to these and to the table, or to none of them: what they are to be is in a third file
 * ahead of the table, with the table's generation, which is another one if the change was made before the daemon was killed.
 */

import type { Member } from '../../health/member.ts';
import { withOctets, withoutOctets } from '../../health/octets.ts';
import { type HealthPlan, noPlan } from '../../health/plan.ts';
import type { Destination } from '../../ipvs/service.ts';
import type { Saved } from '../saved.ts';
import type { Post } from './post.ts';

export type MemberRecord = Pick<Member, 'wanted' | 'isLet' | 'isUp' | 'isKept' | 'since' | 'reason'> & {
  /** How long its slow start had been going on, in milliseconds. */
  readonly startingMs?: number;
};

export type ServiceRecord = {
  readonly hasQuorum: boolean;
  /** By `10.0.0.11:80`. */
  readonly members: Readonly<Record<string, MemberRecord>>;
};

export type Remembered = {
  readonly plan: HealthPlan;
  readonly services: Readonly<Record<string, ServiceRecord>>;
};

export type Memory = {
  /** Nothing where nothing was written. */
  read(): Remembered;
  /** Ahead of a change of the table: what is to be remembered once that is made. `now` as in `Member.startedAt`. */
  announce(plan: HealthPlan, posts: ReadonlyMap<string, Post>, now: number): void;
  /** Writes what is new in it; nothing is announced any more. */
  write(plan: HealthPlan, posts: ReadonlyMap<string, Post>, now: number): void;
  forget(): void;
};

/** What is announced; the plan where it is another one. `before`: the generation of a table that it has not been made to. */
export type Announced = Pick<Remembered, 'services'> & {
  readonly before: string;
  readonly plan?: HealthPlan;
};

/** `generation`: the table's, by any text that tells one from the others. */
export function createMemory(
  saved: {
    readonly plan: Saved<HealthPlan>;
    readonly state: Saved<Remembered['services']>;
    readonly ahead: Saved<Announced>;
  },
  generation: () => string,
): Memory {
  /** What is in the two files, as far as it is known to be. */
  let lastPlan: HealthPlan | undefined;
  let lastState = '';
  let [isKept, isAnnounced] = [false, false];
  const forget = (): void => {
    for (const each of Object.values(saved)) each.forget();
    lastPlan = undefined;
    lastState = '';
    [isKept, isAnnounced] = [false, false];
  };
  return {
    read() {
      const announced = saved.ahead.read();
      isAnnounced = announced !== undefined && announced.before !== generation();
      if (announced && !isAnnounced) saved.ahead.forget();
      const made = isAnnounced ? announced : undefined;
      const plan = made?.plan ?? saved.plan.read();
      isKept = plan !== undefined;
      return {
        plan: withOctets(plan ?? noPlan),
        services: made?.services ?? saved.state.read() ?? {},
      };
    },
    announce(plan, posts, now) {
      if (plan.services.length === 0 && !isKept) return;
      const services = recordsOf(posts, now);
      if (plan === lastPlan && JSON.stringify(services) === lastState) return;
      isAnnounced = true;
      const other = plan !== lastPlan && { plan: withoutOctets(plan) };
      saved.ahead.write({ before: generation(), services, ...other });
    },
    write(plan, posts, now) {
      if (plan.services.length === 0) {
        if (isKept || isAnnounced) forget();
        return;
      }
      isKept = true;
      if (plan !== lastPlan) saved.plan.write(withoutOctets(plan));
      lastPlan = plan;
      const services = recordsOf(posts, now);
      const state = JSON.stringify(services);
      if (state !== lastState) saved.state.write(services);
      lastState = state;
      if (isAnnounced) saved.ahead.forget();
      isAnnounced = false;
    },
    forget,
  };
}

/** Only what the table does not say by itself. */
export function recordsOf(posts: ReadonlyMap<string, Post>, now: number): Remembered['services'] {
  return Object.fromEntries(
    [...posts].flatMap(([service, { members, applied, hasQuorum }]) => {
      const notable = [...members].filter(([server, member]) => isNotable(member, applied.get(server)));
      if (hasQuorum && notable.length === 0) return [];
      const records = notable.map(([server, member]) => [server, recordOf(member, now)] as const);
      return [[service, { hasQuorum, members: Object.fromEntries(records) }] as const];
    }),
  );
}

function recordOf(member: Member, now: number): MemberRecord {
  const { wanted, isLet, isUp, isKept, since, reason, startedAt } = member;
  const starting = startedAt !== undefined && { startingMs: now - startedAt };
  return { wanted, isLet, isUp, isKept, since, reason, ...starting };
}

function isNotable(member: Member, applied: Destination | undefined): boolean {
  if (!member.isUp || !applied || member.startedAt !== undefined) return true;
  return applied.weight !== (member.isLet ? member.wanted.weight : 0);
}

/**
 * A real server as it was left, given what the table has of it: the table is right where they differ. One that serves
 * is up, unless all serve for want of a quorum. A slow start goes on where it was, and not as if somebody had seen to it.
 */
export function restored(
  { startingMs, ...record }: MemberRecord,
  applied: Destination | undefined,
  hasQuorum: boolean,
  now: number,
): Member {
  const serves = applied !== undefined && applied.weight > 0;
  const { isUp, isLet } = record;
  const starting = serves && startingMs !== undefined && { startedAt: now - startingMs };
  return {
    ...{ ...record, isUp: isUp || (serves && hasQuorum), isLet: isLet || serves, isServing: serves },
    ...starting,
  };
}
