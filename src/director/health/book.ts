/**
 * The services that are looked after, as people, files and checks want them; and the one place that writes the weights
 * which come of it (health/settle.ts) into the table. What is changed between `begin` and `rollback` is as it was.
 */

import type { EventBody } from '../../api/events.ts';
import type { DataPlane } from '../../dataplane/dataplane.ts';
import type { Check } from '../../health/check.ts';
import { type Member, mayServe } from '../../health/member.ts';
import { type HealthPlan, noPlan, type ServicePlan } from '../../health/plan.ts';
import { settle } from '../../health/settle.ts';
import { startOf } from '../../health/verdict.ts';
import {
  type Destination,
  destinationKeyText,
  type ServiceConfiguration,
  type ServiceKey,
  serviceKeyOf,
  serviceKeyText,
} from '../../ipvs/service.ts';
import type { Director } from '../director.ts';
import { copyOf, type Post, writesOf } from './post.ts';
import type { Clocks, Questions, Subject, Told } from './questions.ts';

export type BookModules = {
  readonly plane: Pick<DataPlane, 'configuration' | 'lastWeight'>;
  readonly director: Pick<Director, 'addDestination' | 'editDestination' | 'removeDestination'>;
  readonly questions: Questions;
  /** The file that keeps a real server out, if there is one. */
  readonly restsBy: (plan: ServicePlan, destination: Destination) => string | undefined;
  readonly clocks: Clocks;
};

export type Book = ReturnType<typeof createBook>;

/** The plan and the services that are looked after, and what is asked of their real servers: as they are or as they were. */
export type Shown = {
  readonly plan: HealthPlan;
  readonly posts: ReadonlyMap<string, Post>;
  readonly questions: Told;
};

type Found = ServiceKey & { readonly scheduler: string; readonly destinations: readonly Destination[] };

/** What came of a span of changes. */
export type Outcomes = {
  readonly events: readonly EventBody[];
  /** Real servers that serve no longer because they are down, and sorry servers that have gone. */
  readonly failed: readonly {
    readonly post: Post;
    readonly destination: Destination;
    readonly isSorry: boolean;
  }[];
};

export function createBook({ plane, director, questions, restsBy, clocks }: BookModules) {
  let plan: HealthPlan = noPlan;
  let plans = new Map<string, ServicePlan>();
  let checksOf = checksFrom(noPlan);
  const posts = new Map<string, Post>();
  const dirty = new Set<string>();
  let events: EventBody[] = [];
  let failed: Outcomes['failed'][number][] = [];
  /** What is to come back if the span of changes fails. */
  let before:
    | { readonly plan: HealthPlan; readonly posts: Map<string, Post | undefined>; readonly events: number }
    | undefined;
  /** What others are shown while a span of changes lasts. */
  let shown: Shown | undefined;

  /** Before a service is changed. Answers what may be changed of it: what it was, others may be shown. */
  const touch = (service: string): Post | undefined => {
    dirty.add(service);
    const post = posts.get(service);
    if (!before || before.posts.has(service)) return post;
    before.posts.set(service, post);
    if (!post) return undefined;
    const own = copyOf(post);
    posts.set(service, own);
    return own;
  };
  const setPlan = (next: HealthPlan): void => {
    plan = next;
    plans = new Map(next.services.map((each) => [each.service, each]));
    checksOf = checksFrom(next);
  };
  const follow = (service: string, post: Post, server: string, wanted: Destination): void =>
    questions.follow(post.key, { service, server }, wanted, checksOf(post.plan, server));
  const judged = (subject: Subject, member: Member): Member => {
    const verdict = questions.verdict(subject);
    const said = questions.said(subject);
    const { said: _, ...plain } = member;
    const weighed = { ...plain, ...(said !== undefined && { said }) };
    if (verdict === undefined || (verdict === 'up') === member.isUp) return weighed;
    const isUp = verdict === 'up';
    const isKept = member.isKept && !isUp;
    return { ...weighed, isUp, isKept, since: clocks.date(), reason: questions.reason(subject, verdict) };
  };
  /** A real server that is new here. `undefined` for what was known of it: it has just been put there. */
  const memberOf = (post: Post, wanted: Destination, isFresh: boolean): Member => {
    const server = destinationKeyText(wanted);
    const rests = restsBy(post.plan, wanted);
    const isUp = !isFresh || startOf(checksOf(post.plan, server)) === 'up';
    return {
      ...{ wanted: { ...wanted, weight: wanted.weight || 1 }, isLet: wanted.weight > 0, isUp, isKept: !isUp },
      ...{ since: clocks.date(), reason: isFresh ? 'new' : 'as it was found', isServing: false },
      ...(rests !== undefined && { restsBy: rests }),
    };
  };
  const isSorry = (post: Post, server: string): boolean =>
    post.plan.sorry !== undefined && destinationKeyText(post.plan.sorry) === server;

  /** A service of the plan that is in the table; `known` is what is remembered of its real servers. */
  const adopt = (
    service: Found,
    own: ServicePlan,
    known: ReadonlyMap<string, Member>,
    hasQuorum: boolean,
  ): void => {
    const text = serviceKeyText(service);
    const post: Post = {
      ...{ key: serviceKeyOf(service), plan: own, scheduler: service.scheduler, hasQuorum },
      ...{ members: new Map(), applied: new Map(), weight: 0, needed: 0 },
    };
    for (const destination of service.destinations.toReversed()) {
      const server = destinationKeyText(destination);
      post.applied.set(server, destination);
      if (isSorry(post, server)) continue;
      const weight = destination.weight || plane.lastWeight(post.key, destination) || 1;
      const found = memberOf(post, { ...destination, weight }, false);
      const isServing = destination.weight > 0;
      post.members.set(server, known.get(server) ?? { ...found, isLet: isServing, isServing });
    }
    for (const [server, member] of known) if (!post.members.has(server)) post.members.set(server, member);
    posts.set(text, post);
    dirty.add(text);
    for (const [server, { wanted }] of post.members) follow(text, post, server, wanted);
  };

  const drop = (service: string): void => {
    for (const server of posts.get(service)?.members.keys() ?? []) questions.unfollow({ service, server });
    posts.delete(service);
  };

  /** Writes what is wanted of a service. */
  const write = (service: string, post: Post): void => {
    const settled = settle(post, destinationKeyText, clocks.now());
    for (const { kind, destination } of writesOf(post.applied, settled.table)) {
      if (kind === 'add') director.addDestination(post.key, destination);
      else if (kind === 'edit') director.editDestination(post.key, destination);
      else director.removeDestination(post.key, destination);
      if (kind === 'remove' && isSorry(post, destinationKeyText(destination)))
        failed.push({ post, destination, isSorry: true });
    }
    for (const happened of settled.happened) events.push({ ...happened, service });
    for (const [server, after] of settled.members) {
      const was = post.members.get(server);
      const servesNoLonger = was?.isServing && !after.isServing && !after.isUp;
      if (servesNoLonger) failed.push({ post, destination: after.wanted, isSorry: false });
    }
    const { table, members, hasQuorum, weight, needed } = settled;
    posts.set(service, {
      ...post,
      members: new Map(members),
      applied: new Map(table),
      hasQuorum,
      weight,
      needed,
    });
  };

  return {
    plan: (): HealthPlan => plan,
    posts: (): ReadonlyMap<string, Post> => posts,
    planOf: (service: string): ServicePlan | undefined => plans.get(service),

    /** `isLong`: others are shown what was, until `show`, `commit` or `rollback`. */
    begin(isLong = false): void {
      before = { plan, posts: new Map(), events: events.length };
      failed = [];
      if (isLong) shown = { plan, posts: new Map(posts), questions: questions.asTheyAre() };
    },
    shown: (): Shown => shown ?? { plan, posts, questions },
    /** The changes are in force. */
    show(): void {
      shown = undefined;
    },
    rollback(): void {
      shown = undefined;
      if (!before) return;
      setPlan(before.plan);
      for (const [service, post] of before.posts) {
        drop(service);
        // What checks and files said ahead of it is to be written still.
        dirty.add(service);
        if (post) posts.set(service, post);
        for (const [server, { wanted }] of post?.members ?? [])
          if (post) follow(service, post, server, wanted);
      }
      events.length = before.events;
      before = undefined;
    },
    commit(): Outcomes {
      shown = undefined;
      before = undefined;
      const outcomes = { events, failed };
      events = [];
      failed = [];
      return outcomes;
    },
    /** Services of which something is to be written. */
    dirty: (): readonly string[] => [...dirty],
    isDirty: (): boolean => dirty.size > 0,
    /** Real servers that are out of the table and may come back, sorry servers among them. */
    out: (): number =>
      [...posts.values()].reduce(
        (sum, { members, applied }) => sum + Math.max(0, members.size - applied.size) + 1,
        0,
      ),
    /**
     * Writes what has changed, of all or of one service, a service at a time. Between `begin` and `commit`, within a
     * transaction of the data plane.
     */
    *settle(only?: string): Generator<void> {
      for (const service of only === undefined ? dirty : [only]) {
        const post = touch(service);
        if (post) write(service, post);
        dirty.delete(service);
        yield;
      }
    },

    /** Another plan. What is no longer looked after is left as it is wanted. */
    replace(next: HealthPlan): void {
      const table = new Map<string, ServiceConfiguration>();
      for (const service of plane.configuration()) table.set(serviceKeyText(service), service);
      setPlan(next);
      for (const service of [...posts.keys()]) {
        const post = touch(service);
        if (!post || plans.has(service)) continue;
        const members = [...post.members].map(([server, { restsBy: _, said: __, ...member }]) => {
          const plain: Member = { ...member, isUp: true };
          return [server, plain] as const;
        });
        write(service, { ...post, plan: retired(post.plan), members: new Map(members) });
        drop(service);
        dirty.delete(service);
      }
      for (const [service, own] of plans) {
        const found = table.get(service);
        if (!found) continue;
        const post = touch(service);
        if (!post) adopt(found, own, new Map(), true);
        else this.replan(service, { ...post, plan: own });
      }
    },

    /** The same real servers under another plan. */
    replan(service: string, post: Post): void {
      const sorry = post.plan.sorry && destinationKeyText(post.plan.sorry);
      if (sorry !== undefined) post.members.delete(sorry);
      posts.set(service, post);
      for (const [server, member] of post.members) {
        follow(service, post, server, member.wanted);
        const { restsBy: _, ...plain } = member;
        const rests = restsBy(post.plan, member.wanted);
        const next = { ...plain, ...(rests !== undefined && { restsBy: rests }) };
        post.members.set(server, judged({ service, server }, next));
      }
    },

    adopt,

    /** A service that has just been added. */
    open(key: ServiceKey, scheduler: string): void {
      const own = plans.get(serviceKeyText(key));
      if (!own) return;
      touch(serviceKeyText(key));
      adopt({ ...serviceKeyOf(key), scheduler, destinations: [] }, own, new Map(), true);
    },
    reschedule(service: string, scheduler: string): void {
      const post = posts.has(service) && touch(service);
      if (!post) return;
      posts.set(service, { ...post, scheduler });
    },
    close(service: string): void {
      if (!posts.has(service)) return;
      touch(service);
      drop(service);
      dirty.delete(service);
    },

    /** Somebody has put a real server there, or has changed it; the table has it with this weight until it is settled. */
    want(service: string, wanted: Destination, weight: number | undefined): void {
      const post = posts.has(service) && touch(service);
      if (!post) return;
      const server = destinationKeyText(wanted);
      const old = post.members.get(server);
      const next = old ? rewanted(old, wanted) : memberOf(post, wanted, true);
      const isBack = old !== undefined && weight !== undefined && !post.applied.has(server);
      const [from, to] = [old, next].map((member) => (member?.isLet ? member.wanted.weight : 0));
      if (old && from !== to)
        events.push({ kind: 'weight-changed', service, server, from: from ?? 0, to: to ?? 0 });
      follow(service, post, server, next.wanted);
      const kept = { ...next, isKept: (next.isKept || isBack) && !next.isUp };
      post.members.set(server, old ? kept : judged({ service, server }, kept));
      if (weight !== undefined) post.applied.set(server, { ...wanted, weight });
    },
    forget(service: string, server: string): void {
      const post = posts.has(service) && touch(service);
      if (!post) return;
      post.members.delete(server);
      post.applied.delete(server);
      questions.unfollow({ service, server });
    },

    /** What checks say by now. */
    judge({ service, server }: Subject): void {
      const member = posts.get(service)?.members.get(server);
      if (!member) return;
      const next = judged({ service, server }, member);
      if (next.isUp === member.isUp && next.said === member.said) return;
      touch(service)?.members.set(server, next);
      if (next.isUp === member.isUp) return;
      events.push({ kind: next.isUp ? 'server-up' : 'server-down', service, server, reason: next.reason });
    },
    /** What files say by now. */
    rest(): void {
      for (const [service, post] of posts)
        for (const [server, member] of post.members) {
          const rests = restsBy(post.plan, member.wanted);
          if (rests === member.restsBy) continue;
          const { restsBy: was, ...plain } = member;
          touch(service)?.members.set(server, { ...plain, ...(rests !== undefined && { restsBy: rests }) });
          const kind = rests === undefined ? 'server-enabled' : 'server-disabled';
          events.push({ kind, service, server, reason: `maintenance: ${rests ?? was}` });
        }
    },
    /** Slow starts go on. */
    step(): void {
      for (const [service, { members }] of posts)
        if ([...members.values()].some(({ startedAt }) => startedAt !== undefined)) touch(service);
    },
    isDraining: (service: string, server: string): boolean => {
      const member = posts.get(service)?.members.get(server);
      return member !== undefined && !mayServe(member);
    },
    setPlan,
  };
}

/** A person's word goes before a slow start; 0 is not to be let, and the weight stays known. */
function rewanted(old: Member, wanted: Destination): Member {
  const { startedAt: _, toldTenths: __, ...plain } = old;
  const weight = wanted.weight || old.wanted.weight;
  return { ...plain, wanted: { ...wanted, weight }, isLet: wanted.weight > 0 };
}

/** Nothing is asked any more, nobody panics, nobody starts slowly. */
function retired({ sorry: _, ...plan }: ServicePlan): ServicePlan {
  return { ...plan, checks: [], own: {}, panic: 'none', slowStartMs: 0 };
}

/** The checks of a real server: its own, or the service's. The same list each time. */
function checksFrom({ checks }: HealthPlan): (plan: ServicePlan, server: string) => readonly Check[] {
  const lists = new Map<readonly number[], readonly Check[]>();
  return (plan, server) => {
    const places = plan.own[server] ?? plan.checks;
    const list = lists.get(places) ?? places.flatMap((place) => checks[place] ?? []);
    lists.set(places, list);
    return list;
  };
}
