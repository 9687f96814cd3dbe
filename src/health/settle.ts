/**
 * What the table of a service is to be, given what is wanted, let, up, and begun. The kernel has one weight; this is
 * the one place where it comes from. Pure.
 */

import type { Destination } from '../ipvs/service.ts';
import { type Member, mayServe, weightOf } from './member.ts';
import type { ServicePlan } from './plan.ts';
import { needed } from './quorum.ts';
import { hasSlowStart, scaleOf, shareAt, weightAt } from './slow-start.ts';

export type Settling = {
  readonly plan: ServicePlan;
  readonly scheduler: string;
  /** By `10.0.0.11:80`. */
  readonly members: ReadonlyMap<string, Member>;
  readonly hasQuorum: boolean;
};

export type Settled = {
  /** What the table holds from now on, in the order of the members; the sorry server last. */
  readonly table: ReadonlyMap<string, Destination>;
  readonly members: ReadonlyMap<string, Member>;
  readonly hasQuorum: boolean;
  /** Of the real servers that are up, and what is needed for a quorum. */
  readonly weight: number;
  readonly needed: number;
  readonly happened: readonly Happened[];
};

export type Happened =
  | { readonly kind: 'slow-start-step'; readonly server: string; readonly share: number }
  | { readonly kind: 'slow-start-ended'; readonly server: string }
  | { readonly kind: 'quorum-lost' | 'quorum-gained'; readonly weight: number; readonly needed: number };

/** `keyOf` names the sorry server; `now` in milliseconds of a monotonic clock. */
export function settle(
  { plan, scheduler, members, hasQuorum: before }: Settling,
  keyOf: (destination: Destination) => string,
  now: number,
): Settled {
  const all = [...members.values()].filter(mayServe);
  const weight = sum(all.filter(({ isUp }) => isUp).map(weightOf));
  const need = needed(plan, sum(all.map(weightOf)), before);
  const hasQuorum = weight >= need;
  const mode = hasQuorum ? 'usual' : plan.panic;
  const started = startSlowly(members, mode, plan, scheduler, now);
  const serving = [...started.members.values()].filter(({ isServing }) => isServing);
  const isStarting = serving.some(({ startedAt }) => startedAt !== undefined);
  const scale = isStarting ? scaleOf(serving.map(weightOf)) : 1;
  const table = new Map<string, Destination>();
  for (const [key, member] of started.members) {
    if (!member.isUp && !member.isServing && plan.onFailure === 'remove' && !member.isKept) continue;
    table.set(key, { ...member.wanted, weight: tableWeight(member, scale, plan, now) });
  }
  const { sorry } = plan;
  if (mode === 'sorry' && sorry) table.set(keyOf(sorry), sorry);
  const turned: readonly Happened[] =
    hasQuorum === before ? [] : [{ kind: hasQuorum ? 'quorum-gained' : 'quorum-lost', weight, needed: need }];
  const happened = [...turned, ...started.happened];
  return { table, members: started.members, hasQuorum, weight, needed: need, happened };
}

type Mode = 'usual' | ServicePlan['panic'];

/** Who serves, who begins to and from when, and whose slow start has gone on or ended. */
function startSlowly(
  members: Settling['members'],
  mode: Mode,
  { slowStartMs }: ServicePlan,
  scheduler: string,
  now: number,
): { readonly members: ReadonlyMap<string, Member>; readonly happened: readonly Happened[] } {
  const happened: Happened[] = [];
  const isSlow = slowStartMs > 0 && hasSlowStart(scheduler) && mode !== 'all';
  // Beside nobody who has the full share already there is nobody to be slow against.
  const hasOthers = [...members.values()].some(
    (member) => member.isServing && member.startedAt === undefined && servesIn(mode, member),
  );
  const after = new Map<string, Member>();
  for (const [server, member] of members) {
    const isServing = servesIn(mode, member);
    const { startedAt: _, toldTenths: __, ...plain } = member;
    const begins = isServing && !member.isServing && hasOthers;
    const startedAt = begins ? now : member.startedAt;
    if (!isServing || !isSlow || startedAt === undefined) {
      if (isServing && member.startedAt !== undefined) happened.push({ kind: 'slow-start-ended', server });
      after.set(server, { ...plain, isServing });
      continue;
    }
    const share = shareAt(now - startedAt, slowStartMs);
    if (share >= 1) {
      happened.push({ kind: 'slow-start-ended', server });
      after.set(server, { ...plain, isServing });
      continue;
    }
    const tenths = Math.floor(share * 10);
    if (begins || tenths !== member.toldTenths)
      happened.push({ kind: 'slow-start-step', server, share: tenths / 10 });
    after.set(server, { ...plain, isServing, startedAt, toldTenths: tenths });
  }
  return { members: after, happened };
}

/** Whether it gets connections. */
function servesIn(mode: Mode, member: Member): boolean {
  if (!mayServe(member) || mode === 'sorry') return false;
  return (member.isUp || mode === 'all') && weightOf(member) > 0;
}

function tableWeight(member: Member, scale: number, { slowStartMs }: ServicePlan, now: number): number {
  if (!member.isServing) return 0;
  const { startedAt } = member;
  const share = startedAt === undefined ? 1 : shareAt(now - startedAt, slowStartMs);
  return weightAt(weightOf(member), scale, share);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
