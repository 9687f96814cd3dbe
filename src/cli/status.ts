/** `fairlead status`: what the director of this namespace is and does, at a glance. */

import type { Command } from 'commander';
import type { Client } from '../api/client.ts';
import { findDirector } from '../api/connect.ts';
import type { NeighbourStatus, ServiceSummary } from '../api/status.ts';
import type { AddressClaim } from '../ipvs/claim.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import { isResolved } from '../ipvs/neighbour.ts';
import { notRunning } from './not-running.ts';
import { healthLines } from './status/health.ts';
import { columns, shortNumber } from './status/numbers.ts';
import { type Glance, warningsOf } from './status/warnings.ts';

const help = `
Services are shown by their connections a second, twenty at most; rates are IPVS's own, over about eight seconds. With
--json it is everything: what GET /v1/status answers, with \`virtualServices\`, \`neighbours\`, \`health\`
and \`warnings\` beside.

Examples:
  fairlead status
  fairlead status --json | jq -r '.warnings[]'

Exit status: 0, or 3 where no director runs.`;

const shownServices = 20;

export function register(program: Command): void {
  program
    .command('status')
    .description('show the director of this network namespace: interfaces, services, connections, warnings')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async ({ json }: { readonly json?: true }) => {
      const client = await findDirector();
      if (!client) return notRunning('the first ipvsadm command');
      const glance = await glanceAt(client);
      process.stdout.write(
        json
          ? `${JSON.stringify(await asJson(client, glance), undefined, 2)}\n`
          : renderStatus(glance, Date.now()),
      );
    });
}

async function glanceAt(client: Client): Promise<Glance> {
  const [status, services, health, neighbours] = await Promise.all([
    client.call('status', {}),
    client.call('summarizeServices', {}),
    client.call('summarizeHealth', {}),
    neighboursOf(client),
  ]);
  return { status, services, neighbours, health };
}

async function neighboursOf(client: Client): Promise<readonly NeighbourStatus[]> {
  const neighbours: NeighbourStatus[] = [];
  for await (const some of client.stream('listNeighbours', {})) neighbours.push(...some);
  return neighbours;
}

async function asJson(client: Client, glance: Glance): Promise<object> {
  const { status, services, neighbours } = glance;
  const health = await client.call('getHealth', {});
  return { ...status, virtualServices: services, neighbours, health, warnings: warningsOf(glance) };
}

/** The status as a person reads it. `now`: milliseconds since 1970. */
export function renderStatus(glance: Glance, now: number): string {
  const { status, services, neighbours, health } = glance;
  const { count, limit, halfOpen, halfOpenLimit } = status.connections;
  const dropped = Object.entries(status.notForwarded).filter(([, { packets }]) => packets > 0);
  const claims = status.claims.map(renderClaim);
  const changed = Object.entries(status.sysctls).map(([name, value]) => `${name}=${value}`);
  const warnings = warningsOf(glance);
  return [
    `Fairlead ${status.version}, director of network namespace ${status.namespace}, process ${status.pid}`,
    ...(warnings.length === 0 ? [] : ['Warnings', ...warnings.map((warning) => `  ! ${warning}`)]),
    'Interfaces',
    ...status.interfaces.map(renderInterface),
    `Services ${status.services}, mark rules ${status.markRules}`,
    ...renderServices(services),
    ...healthLines(health, now),
    ...renderNeighbours(neighbours),
    `Connections ${count} of at most ${limit}, half-open ${halfOpen} of at most ${halfOpenLimit}`,
    ...(changed.length === 0 ? [] : [`Settings that are not at their default: ${changed.join(' ')}`]),
    dropped.length === 0 ? 'Not forwarded: nothing' : 'Not forwarded, packets by reason (fairlead drops)',
    ...dropped.map(([reason, { packets }]) => `  ${reason.padEnd(18)} ${packets}`),
    ...(claims.length === 0
      ? []
      : ['Virtual addresses that others have claimed (fairlead doctor)', ...claims]),
    '',
  ].join('\n');
}

const titles = ['SERVICE', 'SCHEDULER', 'SERVERS', 'ACTIVE', 'INACTIVE', 'CONN/S', 'PACKETS/S', 'BYTES/S'];
const numeric = new Set([2, 3, 4, 5, 6, 7]);

/** Those with the most connections a second; the others only by their number. */
function renderServices(services: readonly ServiceSummary[]): readonly string[] {
  if (services.length === 0) return [];
  const busiest = services.toSorted(
    (one, other) => other.rates.connectionsPerSecond - one.rates.connectionsPerSecond,
  );
  const rows = busiest.slice(0, shownServices).map((summary) => {
    const { service, scheduler, servers, available, activeConnections, inactiveConnections, rates } = summary;
    const {
      connectionsPerSecond,
      inPacketsPerSecond,
      outPacketsPerSecond,
      inBytesPerSecond,
      outBytesPerSecond,
    } = rates;
    return [
      ...[service, scheduler, `${available}/${servers}`],
      ...[activeConnections, inactiveConnections, connectionsPerSecond].map(shortNumber),
      ...[inPacketsPerSecond + outPacketsPerSecond, inBytesPerSecond + outBytesPerSecond].map(shortNumber),
    ];
  });
  const more = services.length - rows.length;
  return [
    ...columns([titles, ...rows], numeric).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more (fairlead top)`] : []),
  ];
}

function renderNeighbours(neighbours: readonly NeighbourStatus[]): readonly string[] {
  if (neighbours.length === 0) return [];
  const silent = neighbours.filter(({ state }) => !isResolved(state));
  const rest = silent.map(({ address, interface: name, state }) => `${address} on ${name} ${state}`);
  const known = `${neighbours.length - silent.length} of ${neighbours.length} known`;
  return [`Real servers as neighbours: ${[known, ...rest].join('; ')}`];
}

function renderInterface({ name, hooks, mode, note }: InterfaceStatus): string {
  const remarks = [mode === 'auto' ? '' : `forced: ${mode}`, note ?? ''].filter((remark) => remark !== '');
  return `  ${name.padEnd(15)} ${(hooks.join('+') || 'none').padEnd(7)} ${remarks.join('; ')}`.trimEnd();
}

function renderClaim({ vip, mac, interface: name, kinds, count, lastSecondsAgo }: AddressClaim): string {
  return `  ${vip} by ${mac} on ${name}: ${kinds.join(', ')}; ${count} in all, the last ${lastSecondsAgo} s ago`;
}
