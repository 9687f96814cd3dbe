/**
 * The least that makes a director what a file asks for. What stays is not touched: nothing is deleted to be added
 * again, and a weight that the file does not name stays as it is.
 */

import type { HealthPlan } from '../health/plan.ts';
import { isSameApi } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import { prefixText } from '../ipvs/prefix.ts';
import {
  type Destination,
  destinationKeyText,
  type Service,
  type ServiceConfiguration,
  type ServiceSettings,
  sameForwarding,
  serviceKeyOf,
  serviceKeyText,
} from '../ipvs/service.ts';
import type { SysctlName } from '../ipvs/sysctl.ts';
import { type Vip, vipText } from '../ipvs/vip.ts';
import type { Configuration, Running, WantedServer, WantedService } from './configuration.ts';
import { healthPlanOf, isSamePlan } from './plan.ts';
import type { Step } from './step.ts';

/** In an order in which each step can be made: what is new comes first, what goes comes last. */
export function difference(running: Running, wanted: Configuration): readonly Step[] {
  const pieces = differenceByPieces(running, wanted);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/** The same, a service at a time. */
export function* differenceByPieces(
  running: Running,
  wanted: Configuration,
): Generator<void, readonly Step[]> {
  const { services, vips, timeouts, sysctls, marks, api } = wanted;
  return [
    ...(services ? yield* serviceSteps(running.services, services) : []),
    ...(timeouts ? timeoutSteps(running.timeouts, timeouts) : []),
    ...(sysctls ? sysctlSteps(running.sysctls, sysctls) : []),
    ...(marks ? markSteps(running.marks, marks) : []),
    ...(vips ? vipSteps(running.vips, vips) : []),
    ...(api && !isSameApi(running.api, api)
      ? [{ kind: 'set-api', before: running.api, after: api } satisfies Step]
      : []),
    ...(services ? healthSteps(running.health, healthPlanOf(wanted)) : []),
  ];
}

function* serviceSteps(
  running: Running['services'],
  wanted: readonly WantedService[],
): Generator<void, readonly Step[]> {
  const there = new Map(running.map((service) => [serviceKeyText(service), service]));
  const steps: Step[] = [];
  for (const service of wanted) {
    const key = serviceKeyText(service);
    const before = there.get(key);
    there.delete(key);
    for (const step of before ? changes(before, service) : additions(service)) steps.push(step);
    yield;
  }
  for (const service of there.values()) steps.push({ kind: 'remove-service', service });
  return steps;
}

function additions(service: WantedService): readonly Step[] {
  const key = serviceKeyOf(service);
  return [
    { kind: 'add-service', service: serviceOnly(service) },
    ...service.servers.map((server): Step => ({ kind: 'add-server', service: key, server: added(server) })),
  ];
}

function changes(before: ServiceConfiguration, service: WantedService): readonly Step[] {
  const key = serviceKeyOf(service);
  const after = serviceOnly(service);
  const there = new Map(before.destinations.map((server) => [destinationKeyText(server), server]));
  const steps = service.servers.flatMap((server): readonly Step[] => {
    const text = destinationKeyText(server);
    const old = there.get(text);
    there.delete(text);
    if (!old) return [{ kind: 'add-server', service: key, server: added(server) }];
    // Somebody may have set its weight by hand: it stays where the file does not say one.
    const weight = server.weight ?? old.weight;
    if (weight === old.weight && sameForwarding(old, server)) return [];
    const after = serverOf(server, weight);
    return [{ kind: 'edit-server', service: key, before: serverOf(old, old.weight), after }];
  });
  return [
    ...(sameService(before, after)
      ? []
      : [{ kind: 'edit-service', before: serviceOnly(before), after } satisfies Step]),
    ...steps,
    ...[...there.values()].map(
      (server): Step => ({ kind: 'remove-server', service: key, server: serverOf(server, server.weight) }),
    ),
  ];
}

function serviceOnly(service: Service): Service {
  const { scheduler, flags, persistent, netmask, engine, onePacket } = service;
  const settings: ServiceSettings = { scheduler, flags, persistent, netmask, onePacket };
  return { ...serviceKeyOf(service), ...settings, ...(engine && { engine }) };
}

// The spread stands last: with one in front, V8 takes thirty times as long.
function serverOf(server: Omit<Destination, 'weight'>, weight: number): Destination {
  const { address, port, method, upperThreshold, lowerThreshold, tunnel } = server;
  return { address, port, method, weight, upperThreshold, lowerThreshold, ...(tunnel && { tunnel }) };
}

/** A real server that is new begins with weight 1 where the file does not say. */
function added(server: WantedServer): Destination {
  return serverOf(server, server.weight ?? 1);
}

function sameService(a: ServiceSettings, b: ServiceSettings): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.persistent === b.persistent &&
    a.netmask === b.netmask &&
    a.engine === b.engine &&
    a.onePacket === b.onePacket &&
    [...a.flags].sort().join() === [...b.flags].sort().join()
  );
}

function timeoutSteps(
  before: Running['timeouts'],
  wanted: NonNullable<Configuration['timeouts']>,
): readonly Step[] {
  const after = { ...before, ...wanted };
  const isSame = before.tcp === after.tcp && before.tcpFin === after.tcpFin && before.udp === after.udp;
  return isSame ? [] : [{ kind: 'set-timeouts', before, after }];
}

function sysctlSteps(
  before: Running['sysctls'],
  wanted: NonNullable<Configuration['sysctls']>,
): readonly Step[] {
  const changed = Object.entries(wanted).filter(([name, value]) => before[name as SysctlName] !== value);
  return changed.length === 0 ? [] : [{ kind: 'set-sysctls', before, after: Object.fromEntries(changed) }];
}

/** Their order counts, so that they are replaced as a whole. */
function markSteps(before: readonly MarkRule[], after: readonly MarkRule[]): readonly Step[] {
  const isSame =
    before.length === after.length &&
    before.every((rule, index) => ruleText(rule) === ruleText(after[index]));
  return isSame ? [] : [{ kind: 'set-marks', before, after }];
}

/** What makes two mark rules the same one. */
function ruleText(rule: MarkRule | undefined): string {
  if (!rule) return '';
  const {
    family,
    protocol,
    target,
    source,
    targetPorts,
    sourcePorts,
    interface: name,
    value,
    mask,
    final,
  } = rule;
  const prefixes = [target, source].map((prefix) => prefix && prefixText(prefix));
  const ports = [targetPorts, sourcePorts].map((range) => range && [range.first, range.last]);
  return JSON.stringify([family, protocol, prefixes, ports, name, value, mask, final]);
}

function vipSteps(before: readonly Vip[], wanted: readonly Vip[]): readonly Step[] {
  const [old, after] = [before, wanted].map((vips) => new Map(vips.map((vip) => [placeText(vip), vip])));
  if (!old || !after) return [];
  const fresh = [...after].filter(([place]) => !old.has(place));
  const gone = [...old].filter(([place]) => !after.has(place));
  return [
    ...fresh.map(([, vip]): Step => ({ kind: 'add-vip', vip })),
    ...gone.map(([, vip]): Step => ({ kind: 'remove-vip', vip })),
  ];
}

/** Checks belong to services: without those in the file, they are not managed either. */
function healthSteps(before: HealthPlan, after: HealthPlan): readonly Step[] {
  return isSamePlan(before, after) ? [] : [{ kind: 'set-health', before, after }];
}

function placeText(vip: Vip): string {
  return `${vip.interface} ${vipText(vip)}`;
}
