/** Makes a case that fails as small as it gets: fewer steps, plainer steps. Pure but for `fails`. */

import type { Packet } from '../support/frame/fields.ts';
import { type Case, roomy, type Step } from './step.ts';

/** The index of the step at which the case fails, or `undefined` where it does not. */
export type Fails = (candidate: Case) => number | undefined;

/** Answers a case that fails as well; the same where nothing can be left out. Asks at most `budget` times. */
export function shrink(failing: Case, fails: Fails, budget = 2000): Case {
  let left = budget;
  let best = failing;
  const accept = (candidate: Case): boolean => {
    if (left-- <= 0) return false;
    const at = fails(candidate);
    if (at === undefined) return false;
    best = { ...candidate, steps: candidate.steps.slice(0, at + 1) };
    return true;
  };
  accept(best);
  accept({ ...best, steps: best.steps.filter((step) => step.do !== 'restart') }); // each takes seconds
  let before: Case | undefined;
  while (before !== best && left > 0) {
    before = best;
    dropSteps(() => best, accept);
    for (const plainer of plainerCases(best)) accept(plainer);
    plainSteps(() => best, accept);
  }
  return best;
}

/** Delta debugging: leaves out halves, then quarters, … then single steps. */
function dropSteps(current: () => Case, accept: (candidate: Case) => boolean): void {
  for (
    let size = Math.ceil(current().steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let start = current().steps.length - size; start > -size; start -= size) {
      const { steps } = current();
      const from = Math.max(start, 0);
      accept({ ...current(), steps: [...steps.slice(0, from), ...steps.slice(Math.max(start + size, 0))] });
    }
  }
}

function plainerCases(current: Case): readonly Case[] {
  return [
    { ...current, hook: 'tc' },
    { ...current, limits: roomy },
  ].filter((each) => JSON.stringify(each) !== JSON.stringify(current)) as readonly Case[];
}

function plainSteps(current: () => Case, accept: (candidate: Case) => boolean): void {
  for (let index = current().steps.length - 1; index >= 0; index--) {
    const step = current().steps[index];
    if (!step) continue;
    let plain = step;
    for (const change of plainer(step)) {
      const candidate = change(plain);
      if (!candidate || JSON.stringify(candidate) === JSON.stringify(plain)) continue;
      if (accept({ ...current(), steps: current().steps.with(index, candidate) })) plain = candidate;
      if (index >= current().steps.length) break;
    }
  }
}

type Change = (step: Step) => Step | undefined;

/** What might be said more simply in such a step, one change each. */
function plainer(step: Step): readonly Change[] {
  switch (step.do) {
    case 'packet':
    case 'leave':
      return plainerPacket(step.packet);
    case 'add-service':
    case 'edit-service':
      return [
        service({ scheduler: 'rr' }),
        service({ flags: [] }),
        service({ persistent: 0, onePacket: false }),
        service({ onePacket: false }),
        service({ netmask: step.service.netmask > 128 ? 0xffffffff : 128 }),
      ];
    case 'add-server':
    case 'edit-server':
      return [
        server({ weight: 1 }),
        server({ upperThreshold: 0, lowerThreshold: 0 }),
        (each) =>
          each.do === step.do && !isMixed(each) ? { ...each, server: gate(each.server) } : undefined,
      ];
    case 'marks':
      return step.rules.map(
        (rule) => (each) =>
          each.do === 'marks' ? { ...each, rules: each.rules.filter((other) => other !== rule) } : undefined,
      );
    case 'wait':
      return [1000, 1, 60_001, 1_000_000].map(
        (ms) => (each) => (each.do === 'wait' && ms < each.ms ? { ...each, ms } : undefined),
      );
    default:
      return [];
  }
}

const service =
  (change: Partial<Extract<Step, { readonly do: 'add-service' }>['service']>): Change =>
  (step) =>
    step.do === 'add-service' || step.do === 'edit-service'
      ? { ...step, service: { ...step.service, ...change } as typeof step.service }
      : undefined;

const server =
  (change: Partial<Extract<Step, { readonly do: 'add-server' }>['server']>): Change =>
  (step) =>
    step.do === 'add-server' || step.do === 'edit-server'
      ? { ...step, server: { ...step.server, ...change } }
      : undefined;

type Server = Extract<Step, { readonly do: 'add-server' }>['server'];

/** Only tunnels lead to real servers of the other family. */
function isMixed({
  service: key,
  server: { address },
}: Extract<Step, { readonly do: 'add-server' | 'edit-server' }>): boolean {
  return address.includes(':') !== (key.includes('[') || key.startsWith('mark6'));
}

function gate({ tunnel: _, ...rest }: Server): Server {
  return { ...rest, method: 'gate' };
}

/** Fields that are not said any more: then the packet is as usual in that respect. */
const optional = [
  ...['ttl', 'tos', 'id', 'fragment', 'options', 'extensions', 'pad', 'patch', 'cut', 'part'],
  ...['payload', 'text', 'sum', 'word', 'quote', 'toMac'],
];

function plainerPacket(packet: Packet): readonly Change[] {
  const changes = optional
    .filter((name) => name in packet)
    .map((name) => (each: Packet): Packet => {
      const entries = Object.entries(each).filter(([field]) => field !== name);
      return Object.fromEntries(entries) as unknown as Packet;
    });
  const quoted =
    packet.kind === 'icmp' && packet.about
      ? plainerPacket(packet.about).map(
          (change): Change =>
            (step) => {
              if ((step.do !== 'packet' && step.do !== 'leave') || step.packet.kind !== 'icmp')
                return undefined;
              const inner = step.packet.about && change({ ...step, packet: step.packet.about });
              if (inner?.do !== step.do) return undefined;
              return { ...step, packet: { ...step.packet, about: inner.packet } };
            },
        )
      : [];
  const own = changes.map(
    (change): Change =>
      (step) =>
        step.do === 'packet' || step.do === 'leave' ? { ...step, packet: change(step.packet) } : undefined,
  );
  return [...own, ...quoted];
}
