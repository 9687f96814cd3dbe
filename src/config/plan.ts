/** What a director is to be told about the health of its services, out of a configuration. Pure. */

import type { Check } from '../health/check.ts';
import { withoutOctets } from '../health/octets.ts';
import type { HealthPlan, ServicePlan } from '../health/plan.ts';
import { destinationKeyText, serviceKeyText } from '../ipvs/service.ts';
import type { Configuration, WantedServer, WantedService } from './configuration.ts';

/** Only of services that there is something to look after. */
export function healthPlanOf({ services = [], maintenance }: Configuration): HealthPlan {
  const checks = new Map<Check, number>();
  const placeOf = (check: Check): number => {
    const place = checks.get(check) ?? checks.size;
    checks.set(check, place);
    return place;
  };
  const plans = services
    .filter((service) => maintenance !== undefined || needsCare(service))
    .map((service) => servicePlan(service, placeOf));
  return { checks: [...checks.keys()], services: plans, ...(maintenance !== undefined && { maintenance }) };
}

/** Whether both ask for the same, whatever the order they have it in. */
export function isSamePlan(one: HealthPlan, other: HealthPlan): boolean {
  if (one.maintenance !== other.maintenance || one.services.length !== other.services.length) return false;
  const texts = new Map(other.services.map((plan) => [plan.service, planText(other, plan)]));
  return one.services.every((plan) => texts.get(plan.service) === planText(one, plan));
}

/** A service's plan as one text, with its checks spelt out. */
export function planText({ checks }: HealthPlan, { own, checks: places, ...plan }: ServicePlan): string {
  const spelt = (all: readonly number[]) => all.map((place) => checks[place]);
  const others = Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = { ...plan, checks: spelt(places), own: others.map(([server, all]) => [server, spelt(all)]) };
  return JSON.stringify(withoutOctets(whole), sortedKeys);
}

/** For JSON.stringify: keys in one order. */
function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A name is for commands, which ask the director for it. */
function needsCare({ health, servers, name }: WantedService): boolean {
  if (name !== undefined) return true;
  const isChecked = health.checks.length > 0 || servers.some(({ checks }) => checks !== undefined);
  return isChecked || health.slowStartMs > 0 || health.sorry !== undefined;
}

function servicePlan(service: WantedService, placeOf: (check: Check) => number): ServicePlan {
  const { checks, onFailure, resetConnections, quorum, hysteresis, panic, sorry, slowStartMs } =
    service.health;
  const own = service.servers.flatMap((server) =>
    server.checks ? [[destinationKeyText(server), server.checks.map(placeOf)] as const] : [],
  );
  return {
    service: serviceKeyText(service),
    ...(service.name !== undefined && { name: service.name }),
    ...{ checks: checks.map(placeOf), own: Object.fromEntries(own) },
    ...{ onFailure, resetConnections, quorum, hysteresis, panic, slowStartMs },
    ...(sorry && { sorry: sorryOf(sorry) }),
  };
}

function sorryOf({ address, port, method, upperThreshold, lowerThreshold, tunnel }: WantedServer) {
  return { address, port, method, weight: 1, upperThreshold, lowerThreshold, ...(tunnel && { tunnel }) };
}
