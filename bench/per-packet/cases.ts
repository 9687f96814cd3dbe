/** What is measured, and what each may cost. */

import type { Scheduler } from '../../src/ipvs/schedulers.ts';
import type { Family, Hook } from './traffic.ts';

export type Method = 'gate' | 'ipip' | 'gue' | 'masq';

export type PacketCase = {
  readonly name: string;
  readonly hook: Hook;
  /**
   * `established`: segments of connections that are there; `new`, `handshake`, `end`: each makes a connection, completes
   * its handshake, or ends it; `not ours`: to this host itself.
   */
  readonly work: 'established' | 'new' | 'handshake' | 'end' | 'not ours';
  readonly family: Family;
  readonly flows: number;
  readonly services: number;
  /** So many of the services are what packets go to, the first ones; without, all. */
  readonly addressed?: number;
  /** Real servers of each service. */
  readonly servers: number;
  readonly scheduler: Scheduler;
  readonly method: Method;
  /** New connections of a persistent service: with a template, or without one yet. */
  readonly template?: 'hit' | 'miss';
  /** Times the floor. */
  readonly atMost?: number;
  /** What else it is compared with, turn by turn. */
  readonly beside?: Beside;
  /** Whether bench/profile/ shows where its time goes. */
  readonly isProfiled?: true;
};

export type Beside = {
  /** What that is, in words. */
  readonly to: string;
  readonly case: PacketCase;
  readonly atMost: number;
};

const usual = {
  hook: 'xdp',
  work: 'established',
  family: 4,
  flows: 1024,
  services: 1,
  servers: 10,
  scheduler: 'rr',
  method: 'gate',
} as const;

const counted = (number: number): string => number.toLocaleString('en-US');
const hooks: readonly Hook[] = ['xdp', 'tc'];
const schedulers: readonly Scheduler[] = ['rr', 'wrr', 'wlc', 'sed', 'nq', 'lblcr', 'sh', 'mh', 'twos'];

const most: Readonly<Record<number, number>> = { 1024: 2.6, 65536: 4.5, 1000000: 11 };

const mostOfIpv4 = 1.2;

function ofFlows(family: Family, flows: number): PacketCase {
  const each = { ...usual, name: `established, IPv${family}, ${counted(flows)} flows`, family, flows };
  const atMost = most[flows];
  if (atMost === undefined) return each;
  if (family === 4) return { ...each, atMost, isProfiled: true };
  return { ...each, beside: { to: 'IPv4', case: ofFlows(4, flows), atMost: mostOfIpv4 } };
}

/** What other services cost the packets of one; and of packets to ever others, each with a real server of its own. */
function ofServices(services: number): readonly PacketCase[] {
  const one = { ...usual, name: 'established, 1 service', servers: 1 };
  return [
    {
      ...one,
      name: `established, to 1 of ${counted(services)} services`,
      services,
      addressed: 1,
      ...(services === 100_000 && { beside: { to: 'one service', case: one, atMost: 1.1 } }),
    },
    {
      ...one,
      name: `established, spread over ${counted(services)} services`,
      services,
      ...(services === 100_000 && { isProfiled: true }),
    },
  ];
}

export const packetCases: readonly PacketCase[] = [
  ...([4, 6] as const).flatMap((family) =>
    [1, 1024, 65_536, 1_000_000].map((flows) => ofFlows(family, flows)),
  ),
  ...[1000, 100_000].flatMap(ofServices),
  ...[1024, 65_536].map((flows) => ({
    ...usual,
    name: `established, TC, ${counted(flows)} flows`,
    hook: 'tc' as const,
    flows,
  })),
  ...([4, 6] as const).flatMap((family) =>
    (['ipip', 'gue', 'masq'] as const).map((method) => ({
      ...usual,
      name: `established, TC, ${method}, IPv${family}`,
      hook: 'tc' as const,
      family,
      method,
    })),
  ),
  ...([4, 6] as const).flatMap((family) =>
    (['handshake', 'end'] as const).map((work) => ({
      ...usual,
      name: `${work === 'end' ? 'FIN' : "handshake's ACK"}, TC, IPv${family}`,
      hook: 'tc' as const,
      work,
      family,
    })),
  ),
  ...hooks.map((hook) => ({
    ...usual,
    name: `not ours, ${hook.toUpperCase()}`,
    hook,
    work: 'not ours' as const,
    ...(hook === 'xdp' && { atMost: 1.6 }),
  })),
  ...[2, 100, 1000].flatMap((servers) =>
    schedulers.map((scheduler) => ({
      ...usual,
      name: `new, ${scheduler}, ${counted(servers)} servers`,
      work: 'new' as const,
      servers,
      scheduler,
      ...(scheduler === 'rr' && servers === 100 && { atMost: 40, isProfiled: true as const }),
      ...(scheduler === 'wlc' && servers === 1000 && { atMost: 300, isProfiled: true as const }),
    })),
  ),
  ...(['hit', 'miss'] as const).map((template) => ({
    ...usual,
    name: `new, persistent, template ${template}`,
    work: 'new' as const,
    template,
  })),
];
