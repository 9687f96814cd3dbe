/** What `GET /v1/health` says, and the services as they are wanted. */

import type { Lazily } from '../../api/answer-pieces.ts';
import type {
  HealthStatus,
  HealthSummary,
  ServerHealth,
  ServerState,
  ServiceHealthStatus,
} from '../../api/health.ts';
import type { Member } from '../../health/member.ts';
import { mayServe } from '../../health/member.ts';
import { shareAt } from '../../health/slow-start.ts';
import { destinationKeyText, type ServiceConfiguration, serviceKeyText } from '../../ipvs/service.ts';
import type { Post } from './post.ts';
import type { Subject, Told } from './questions.ts';

type Shown = { readonly posts: ReadonlyMap<string, Post>; readonly questions: Told };

/** Each service and each real server is looked at when it is asked for. */
export function statusOf({ posts, questions }: Shown, now: number): Lazily<HealthStatus> {
  return { services: servicesOf(posts, questions, now), jobs: questions.jobs().length };
}

function* servicesOf(
  posts: ReadonlyMap<string, Post>,
  questions: Told,
  now: number,
): Generator<Lazily<ServiceHealthStatus>> {
  for (const [service, post] of posts)
    yield { ...quorumOf(service, post), servers: serversOf(service, post, questions, now) };
}

function quorumOf(service: string, post: Post): Omit<ServiceHealthStatus, 'servers'> {
  const { plan, applied, hasQuorum, weight, needed } = post;
  return {
    ...{ service, hasQuorum, weight, needed },
    ...(plan.name !== undefined && { name: plan.name }),
    isSorry: plan.sorry !== undefined && applied.has(destinationKeyText(plan.sorry)),
  };
}

function* serversOf(service: string, post: Post, questions: Told, now: number): Generator<ServerHealth> {
  for (const [server, member] of post.members)
    yield serverOf({ service, server }, post, member, questions, now);
}

function serverOf(subject: Subject, post: Post, member: Member, questions: Told, now: number): ServerHealth {
  const { plan, applied } = post;
  const inTable = applied.get(subject.server);
  const share = member.startedAt === undefined ? 1 : shareAt(now - member.startedAt, plan.slowStartMs);
  return {
    ...{ server: subject.server, state: stateOf(member), since: new Date(member.since).toISOString() },
    ...{ reason: member.reason, wanted: member.isLet ? member.wanted.weight : 0 },
    ...(inTable && { weight: inTable.weight }),
    ...(member.startedAt !== undefined && { share }),
    checks: questions.status(subject),
  };
}

/** Of what is not well so much is told at most: who wants to know all of it asks for the whole. */
const mostTold = 20;

export function summaryOf({ posts, questions }: Shown, now: number): HealthSummary {
  let [servers, serving, withoutQuorum] = [0, 0, 0];
  const out: HealthSummary['out'][number][] = [];
  const quorumless: HealthSummary['quorumless'][number][] = [];
  for (const [service, post] of posts) {
    if (!post.hasQuorum && withoutQuorum++ < mostTold) quorumless.push(quorumOf(service, post));
    for (const [server, member] of post.members) {
      servers++;
      if (isServing(stateOf(member))) serving++;
      else if (out.length < mostTold) {
        const { name } = post.plan;
        const told = serverOf({ service, server }, post, member, questions, now);
        out.push({ service, ...(name !== undefined && { name }), server: told });
      }
    }
  }
  const { count: blind, one } = questions.blind();
  const jobs = questions.jobs().length;
  return { servers, serving, out, withoutQuorum, quorumless, blind, ...(one && { blindOne: one }), jobs };
}

function isServing(state: ServerState): boolean {
  return state === 'up' || state === 'starting';
}

function stateOf(member: Member): ServerState {
  if (!member.isLet) return 'disabled';
  if (!mayServe(member)) return 'maintenance';
  if (member.isServing) return member.isUp ? (member.startedAt === undefined ? 'up' : 'starting') : 'panic';
  return member.isUp ? 'standby' : 'down';
}

/** Without what checks, files and slow starts have made of them. */
export function* wantedOf(
  configuration: Iterable<ServiceConfiguration>,
  posts: ReadonlyMap<string, Post>,
): Generator<ServiceConfiguration> {
  for (const service of configuration) {
    const post = posts.get(serviceKeyText(service));
    if (!post) {
      yield service;
      continue;
    }
    const here = service.destinations.map(destinationKeyText);
    const out = [...post.members.keys()].filter((server) => !post.applied.has(server));
    const destinations = [...here, ...out].flatMap((server) => {
      const member = post.members.get(server);
      return member ? [{ ...member.wanted, weight: member.isLet ? member.wanted.weight : 0 }] : [];
    });
    yield { ...service, destinations };
  }
}
