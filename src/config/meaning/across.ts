/** What makes no sense only when services are looked at together, or a check with the real servers it is for. */

import type { Check } from '../../health/check.ts';
import { endpointText } from '../../ipvs/address.ts';
import type { WantedServer, WantedService } from '../configuration.ts';
import type { Path, Report } from '../problem.ts';
import { keyWords } from './services.ts';

type Placed = { readonly service: WantedService; readonly path: Path };

export function lookAcross(services: readonly Placed[], report: Report): void {
  findSorryLoops(services, report);
  for (const placed of services) {
    findServingSorry(placed, report);
    findWrongWays(placed, report);
    findPortless(placed, report);
  }
}

/** A sorry server that is a service of this director, whose sorry server leads back to the first. */
function findSorryLoops(services: readonly Placed[], report: Report): void {
  const byEndpoint = new Map(
    services.flatMap((placed) => {
      const text = listensOn(placed.service);
      return text === undefined ? [] : [[text, placed] as const];
    }),
  );
  const inCircle = new Set<WantedService>();
  for (const { service, path } of services) {
    const way = [service];
    let next = byEndpoint.get(sorryText(service) ?? '');
    while (next && !way.includes(next.service)) {
      way.push(next.service);
      next = byEndpoint.get(sorryText(next.service) ?? '');
    }
    if (next?.service !== service || inCircle.has(service)) continue;
    for (const each of way) inCircle.add(each);
    const message =
      way.length === 1
        ? `the sorry server of ${keyWords(service)} is that service itself`
        : `sorry servers go round in a circle: ${[...way, service].map(keyWords).join(' -> ')}`;
    report({ path: [...path.slice(0, 2), 'sorry_server'], message });
  }
}

function listensOn(service: WantedService): string | undefined {
  return service.kind === 'mark'
    ? undefined
    : `${service.protocol} ${endpointText(service.address, service.port)}`;
}

function sorryText(service: WantedService): string | undefined {
  const { sorry } = service.health;
  if (!sorry || service.kind === 'mark') return undefined;
  return `${service.protocol} ${endpointText(sorry.address, sorry.port)}`;
}

/** One entry of a table cannot be both. */
function findServingSorry({ service, path }: Placed, report: Report): void {
  const { sorry } = service.health;
  if (!sorry) return;
  const isServing = service.servers.some(
    ({ address, port }) => address === sorry.address && port === sorry.port,
  );
  if (isServing)
    report({
      path: [...path.slice(0, 2), 'sorry_server'],
      message: `${sorry.address} is a real server of ${keyWords(service)} already`,
    });
}

/** By way of the virtual address only what is directly routed can be asked, and only where there is one. */
function findWrongWays({ service, path }: Placed, report: Report): void {
  const [, index = 0] = path;
  for (const [at, server] of service.servers.entries()) {
    const direct = flat(server.checks ?? service.health.checks).find(goesDirect);
    const why = direct && obstacleToDirect(service, server);
    if (why !== undefined)
      report({
        path: ['services', index, 'servers', at],
        message: `the check \`${direct?.name}\` goes by way of dr, ${why}: leave \`via\` out, or write \`via: rip\``,
      });
  }
}

function goesDirect(check: Check): boolean {
  return 'probe' in check && check.via === 'dr';
}

/** The families of what is directly routed are the same already (servers.ts). */
function obstacleToDirect(service: WantedService, { address, method }: WantedServer): string | undefined {
  if (service.kind === 'mark') return `to a virtual address, and ${keyWords(service)} has none`;
  return method === 'gate' ? undefined : `which is for the method gate, and ${address} is ${method}`;
}

/** Where the service is for every port, only the check can say which one is asked. */
function findPortless({ service, path }: Placed, report: Report): void {
  const [, index = 0] = path;
  for (const [at, server] of service.servers.entries()) {
    if (server.port !== 0) continue;
    const check = flat(server.checks ?? service.health.checks).find(asksNoPort);
    if (!check) continue;
    const message = `the check \`${check.name}\` is not told which port to ask, and ${keyWords(service)} has none of its own: add \`port\` to it`;
    report({ path: ['services', index, 'servers', at], message });
  }
}

function asksNoPort(check: Check): boolean {
  if (!('probe' in check) || check.port !== undefined) return false;
  const { kind } = check.probe;
  return kind !== 'ping' && kind !== 'command' && kind !== 'file';
}

function flat(checks: readonly Check[]): readonly Check[] {
  return checks.flatMap((check) => ('combine' in check ? flat(check.checks) : check));
}
