/** What `GET /v1/health` says, and the services as they are wanted. */

import type { HealthStatus, ServerHealth, ServerState, ServiceHealthStatus } from '../../api/health.ts';
import type { Member } from '../../health/member.ts';
import { mayServe } from '../../health/member.ts';
import { shareAt } from '../../health/slow-start.ts';
import { destinationKeyText, type ServiceConfiguration, serviceKeyText } from '../../ipvs/service.ts';
import type { Post } from './post.ts';
import type { Questions } from './questions.ts';

export function statusOf(
  posts: ReadonlyMap<string, Post>,
  questions: Pick<Questions, 'status' | 'jobs'>,
  now: number,
): HealthStatus {
  const services = [...posts].map(([service, post]): ServiceHealthStatus => {
    const { plan, members, applied, hasQuorum, weight, needed } = post;
    const servers = [...members].map(([server, member]): ServerHealth => {
      const inTable = applied.get(server);
      const share = member.startedAt === undefined ? 1 : shareAt(now - member.startedAt, plan.slowStartMs);
      return {
        ...{ server, state: stateOf(member), since: new Date(member.since).toISOString() },
        ...{ reason: member.reason, wanted: member.isLet ? member.wanted.weight : 0 },
        ...(inTable && { weight: inTable.weight }),
        ...(member.startedAt !== undefined && { share }),
        checks: questions.status({ service, server }),
      };
    });
    return {
      ...{ service, hasQuorum, weight, needed, servers },
      ...(plan.name !== undefined && { name: plan.name }),
      isSorry: plan.sorry !== undefined && applied.has(destinationKeyText(plan.sorry)),
    };
  });
  return { services, jobs: questions.jobs().length };
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
