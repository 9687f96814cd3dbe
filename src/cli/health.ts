/** `fairlead health`: what checks say of each real server, since when, and why. */

import type { Command } from 'commander';
import { findDirector } from '../api/connect.ts';
import type { HealthStatus, ServerHealth, ServiceHealthStatus } from '../api/health.ts';
import { durationText, whyOf } from './health/words.ts';
import { notRunning } from './not-running.ts';

const help = `
A state is up, starting (a slow start), down, panic (down, but serving for want of a quorum), standby (well, but the sorry
server serves), disabled (weight 0 was asked for) or maintenance (a file keeps it out). A weight of 1/2 is 1 in the table
now, and 2 as it is wanted; - is not in the table. More: docs/health-checks.md

Examples:
  fairlead health
  fairlead health web
  fairlead health 10.0.0.11
  fairlead health --json | jq -r '.services[].servers[] | select(.state == "down") | .server'

Exit status: 0, 1 where a service that is shown has no quorum, 3 where no director runs.`;

export function register(program: Command): void {
  program
    .command('health')
    .description('show what health checks say of each real server')
    .argument('[what]', 'only this service (name, tcp:192.0.2.10:80) or this real server (10.0.0.11)')
    .option('--json', 'print JSON')
    .addHelpText('after', help)
    .action(async (what: string | undefined, { json }: { readonly json?: true }) => {
      const client = await findDirector();
      if (!client) return notRunning();
      const status = narrowed(await client.call('getHealth', {}), what);
      if (what !== undefined && status.services.length === 0) {
        process.stderr.write(`fairlead: no service with health checks is, or has, ${what}\n`);
        process.exitCode = 1;
        return;
      }
      process.stdout.write(
        json ? `${JSON.stringify(status, undefined, 2)}\n` : renderHealth(status, Date.now()),
      );
      if (status.services.some(({ hasQuorum }) => !hasQuorum)) process.exitCode = 1;
    });
}

/** What is about a service, or a real server, by one of its names. */
export function narrowed(status: HealthStatus, what: string | undefined): HealthStatus {
  if (what === undefined) return status;
  const services = status.services.flatMap((service): readonly ServiceHealthStatus[] => {
    const { service: text, name } = service;
    if ([text, name, text.slice(text.indexOf(':') + 1)].includes(what)) return [service];
    const servers = service.servers.filter(({ server }) => server === what || addressOf(server) === what);
    return servers.length > 0 ? [{ ...service, servers }] : [];
  });
  return { ...status, services };
}

function addressOf(server: string): string {
  return server.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

/** A block for each service, a row for each real server. `now`: milliseconds since 1970. */
export function renderHealth({ services }: HealthStatus, now: number): string {
  if (services.length === 0) return 'no service has health checks\n';
  return services.map((service) => serviceText(service, now)).join('\n');
}

function serviceText(service: ServiceHealthStatus, now: number): string {
  const { name, hasQuorum, weight, needed, isSorry, servers } = service;
  const title = [
    `${service.service}${name === undefined ? '' : `  ${name}`}`,
    `${hasQuorum ? 'quorum' : 'NO QUORUM'}: weight ${weight} is up, ${needed} is needed`,
    ...(isSorry ? ['the sorry server serves'] : []),
  ];
  const head = ['real server', 'state', 'weight', 'since', 'passed', 'failed', 'latency', 'why'];
  return `${title.join('; ')}\n${aligned([head, ...servers.map((server) => rowOf(server, now))])}`;
}

function rowOf(server: ServerHealth, now: number): readonly string[] {
  const { state, weight, wanted, since, checks, share } = server;
  const sum = (of: 'passed' | 'failed'): string =>
    String(checks.reduce((total, check) => total + check[of], 0));
  const latencies = checks.flatMap(({ latencyMs }) => latencyMs ?? []);
  return [
    server.server,
    share === undefined ? state : `${state} ${Math.floor(share * 100)}%`,
    weight === wanted ? `${weight}` : `${weight ?? '-'}/${wanted}`,
    durationText(now - Date.parse(since)),
    ...[sum('passed'), sum('failed')],
    latencies.length === 0 ? '-' : `${Math.max(...latencies).toFixed(1)} ms`,
    whyOf(server),
  ];
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
