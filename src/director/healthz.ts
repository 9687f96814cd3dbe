/**
 * /healthz: whether this director does its work, for whoever decides about it (a load balancer's own balancer, systemd, a
 * routing daemon). That it answers at all says that the daemon lives.
 */

import type { Page, PageRequest } from '../api/page.ts';
import type { BpfDataPlane } from '../dataplane/bpf/dataplane.ts';
import type { ConnectionTable } from '../dataplane/dataplane.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import type { Door } from './door.ts';

export type Readiness = { readonly ready: boolean; readonly reasons: readonly Reason[] };

/** What is wrong, and where. */
export type Reason = { readonly check: 'interfaces' | 'programs' | 'table'; readonly detail: string };

export type Facts = {
  readonly interfaces: readonly InterfaceStatus[];
  /** Those of them that have lost a program. */
  readonly bare: readonly string[];
  readonly table: ConnectionTable;
};

/** Pure. */
export function readinessOf({ interfaces, bare, table }: Facts): Readiness {
  const { stateless, count, limit, halfOpen, halfOpenLimit } = table;
  const served = interfaces.filter(({ hooks }) => hooks.length > 0);
  const none = interfaces.length === 0 ? 'there is no Ethernet interface' : 'the director is on no interface';
  const reasons: readonly (Reason | false)[] = [
    served.length === 0 && { check: 'interfaces', detail: none },
    bare.length > 0 && { check: 'programs', detail: `somebody has taken them off ${bare.join(', ')}` },
    count >= limit && { check: 'table', detail: `${count} connections of at most ${limit}` },
    halfOpen >= halfOpenLimit && {
      check: 'table',
      detail: `${halfOpen} half-open connections of at most ${halfOpenLimit}`,
    },
    stateless && {
      check: 'table',
      detail: 'connections were forwarded without an entry within the last minute, for want of room',
    },
  ];
  const given = reasons.filter((reason) => reason !== false);
  return { ready: given.length === 0, reasons: given };
}

export type HealthzModules = {
  readonly plane: Pick<BpfDataPlane, 'interfaces' | 'bareInterfaces' | 'connectionTable'>;
  readonly inside: Door;
};

/** 200 where it is ready, 503 where it is not, with the reasons. `?live` asks for no more than an answer. */
export function createHealthzPage({ plane, inside }: HealthzModules): (request: PageRequest) => Page {
  return ({ query }) => {
    if ('live' in query) return page(200, { live: true });
    const { ready, reasons } = readinessOf({
      interfaces: plane.interfaces(),
      bare: inside(() => plane.bareInterfaces()),
      table: plane.connectionTable(),
    });
    return page(ready ? 200 : 503, { live: true, ready, reasons });
  };
}

function page(status: number, answer: object): Page {
  return {
    status,
    type: 'application/json; charset=utf-8',
    headers: { 'cache-control': 'no-store' },
    pieces: `${JSON.stringify(answer)}\n`,
  };
}
