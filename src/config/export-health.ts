/** Checks, and what goes with them, as a file that asks for them. Pure. */

import type { Check } from '../health/check.ts';
import type { HealthPlan, ServicePlan } from '../health/plan.ts';
import { endpointText } from '../ipvs/address.ts';
import { destinationKeyText, type ServiceConfiguration, serviceKeyText } from '../ipvs/service.ts';
import { checkEntry } from './export-check.ts';
import { withNames } from './export-names.ts';
import { tunnelEntry } from './export-tunnel.ts';
import { millisecondsText } from './meaning/duration.ts';
import type { CheckReference } from './schema/checks.ts';
import type { FileEntry } from './schema/file.ts';
import type { ServiceEntry } from './schema/service.ts';

/** `services`: each with its entry, which has the real servers in the opposite order. */
export function withHealth(
  { checks, services: plans, maintenance }: HealthPlan,
  services: readonly { readonly service: ServiceConfiguration; readonly entry: ServiceEntry }[],
): Pick<FileEntry, 'checks' | 'maintenance' | 'services'> {
  const references = (places: readonly number[]): CheckReference[] =>
    places
      .flatMap((place) => checks[place] ?? [])
      .map((check) => (isOnTheSpot(check) ? checkEntry(check) : check.name));
  const byService = new Map(plans.map((plan) => [plan.service, plan]));
  const entries = [...namedChecks(checks)].map(([name, check]) => [name, checkEntry(check)] as const);
  return {
    ...(entries.length > 0 && { checks: Object.fromEntries(entries) }),
    ...(maintenance !== undefined && { maintenance }),
    services: withNames(
      services.map(({ service, entry }) => {
        const plan = byService.get(serviceKeyText(service));
        if (!plan) return { entry };
        const { name } = plan;
        const whole = planEntry(plan, service, entry, references);
        return { entry: whole, ...(name !== undefined && { name }) };
      }),
    ),
  };
}

/** Those that have a name of their own, or are part of another one. Checks on the spot are called by their kind. */
function namedChecks(checks: readonly Check[]): ReadonlyMap<string, Check> {
  const named = new Map<string, Check>();
  const addParts = (check: Check): void => {
    if (!('combine' in check)) return;
    for (const part of check.checks) {
      addParts(part);
      named.set(part.name, part);
    }
  };
  for (const check of checks) {
    addParts(check);
    if (!isOnTheSpot(check)) named.set(check.name, check);
  }
  return named;
}

function isOnTheSpot(check: Check): boolean {
  return Object.keys(checkEntry(check))[0] === check.name;
}

function planEntry(
  plan: ServicePlan,
  service: ServiceConfiguration,
  entry: ServiceEntry,
  references: (places: readonly number[]) => CheckReference[],
): ServiceEntry {
  const { checks, own, onFailure, resetConnections, quorum, hysteresis, panic, sorry, slowStartMs } = plan;
  const destinations = service.destinations.toReversed();
  const servers = entry.servers?.map((server, index) => {
    const destination = destinations[index];
    const places = destination && own[destinationKeyText(destination)];
    return places && typeof server === 'object' ? { ...server, checks: references(places) } : server;
  });
  const isUsualQuorum = quorum.kind === 'weight' && quorum.value === 1;
  return {
    ...entry,
    ...(servers && { servers }),
    ...(checks.length > 0 && { checks: references(checks) }),
    ...(onFailure !== 'remove' && { on_failure: onFailure }),
    ...(!isUsualQuorum && { quorum: quorum.kind === 'percent' ? `${quorum.value}%` : quorum.value }),
    ...(hysteresis > 0 && { hysteresis }),
    ...(panic === 'all' && { panic }),
    ...(sorry && { sorry_server: sorryEntry(sorry, service) }),
    ...(resetConnections && { reset_connections: true }),
    ...(slowStartMs > 0 && { slow_start: millisecondsText(slowStartMs) }),
  };
}

function sorryEntry(
  { address, port, method, tunnel }: NonNullable<ServicePlan['sorry']>,
  service: ServiceConfiguration,
): NonNullable<ServiceEntry['sorry_server']> {
  const usualPort = service.kind === 'address' ? service.port : 0;
  const where = port === usualPort ? address : endpointText(address, port);
  return { address: where, method, ...(tunnel && { tunnel: tunnelEntry(tunnel) }) };
}
