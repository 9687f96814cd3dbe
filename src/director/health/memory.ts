/**
 * What a daemon must know that comes after one that was killed, and cannot see in the data plane: the plan, and the real
 * servers of which the table says something else than is wanted. Two files, each replaced as a whole.
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
  /** Writes what is new in it. `now` as in `Member.startedAt`. */
  write(plan: HealthPlan, posts: ReadonlyMap<string, Post>, now: number): void;
  forget(): void;
};

export function createMemory(saved: {
  readonly plan: Saved<HealthPlan>;
  readonly state: Saved<Remembered['services']>;
}): Memory {
  let lastPlan: HealthPlan | undefined;
  let lastState = '';
  const forget = (): void => {
    saved.plan.forget();
    saved.state.forget();
    lastPlan = undefined;
    lastState = '';
  };
  return {
    read: () => ({ plan: withOctets(saved.plan.read() ?? noPlan), services: saved.state.read() ?? {} }),
    write(plan, posts, now) {
      if (plan.services.length === 0) {
        if (lastPlan) forget();
        return;
      }
      if (plan !== lastPlan) saved.plan.write(withoutOctets(plan));
      lastPlan = plan;
      const services = recordsOf(posts, now);
      const state = JSON.stringify(services);
      if (state !== lastState) saved.state.write(services);
      lastState = state;
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
