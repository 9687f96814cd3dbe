/** What a service makes of its checks: quorum, panic, the sorry server. */

import type { OnFailure, Quorum } from '../../health/plan.ts';
import { hasSlowStart, slowStartSchedulers } from '../../health/slow-start.ts';
import { defaultScheduler } from '../../ipvs/schedulers.ts';
import type { ServiceHealth } from '../configuration.ts';
import type { Path, Report } from '../problem.ts';
import type { ServerEntry, ServiceEntry } from '../schema/service.ts';
import type { CheckBook } from './checks.ts';
import { millisecondsOf } from './duration.ts';
import { type ReadServer, readServer } from './servers.ts';

/** As the file has it, whichever of the entry's services it is for. */
export type ReadHealth = Omit<ServiceHealth, 'sorry'> & { readonly sorry?: ReadServer };

export function readHealth(entry: ServiceEntry, checks: CheckBook, path: Path, report: Report): ReadHealth {
  const onFailure: OnFailure = entry.on_failure ?? 'remove';
  const { hysteresis = 0, panic = entry.sorry_server === undefined ? 'none' : 'sorry' } = entry;
  if (panic === 'sorry' && entry.sorry_server === undefined)
    report({ path: [...path, 'panic'], message: 'there is no sorry server: add `sorry_server`' });
  if (panic !== 'sorry' && entry.sorry_server !== undefined)
    report({
      path: [...path, 'panic'],
      message: `with \`panic: ${panic}\` the sorry server is never used: leave one of both out`,
    });
  const sorry = readSorry(entry, path, report);
  return {
    checks: checks.resolve(entry.checks ?? [], [...path, 'checks']),
    ...{ onFailure, hysteresis, panic, quorum: readQuorum(entry, path, report) },
    ...{
      resetConnections: entry.reset_connections ?? false,
      slowStartMs: readSlowStart(entry, path, report),
    },
    ...(sorry && { sorry }),
  };
}

function readSlowStart(entry: ServiceEntry, path: Path, report: Report): number {
  const { slow_start: time = 0, scheduler = defaultScheduler } = entry;
  const slowStartMs = millisecondsOf(time);
  const wrong = (message: string): void => report({ path: [...path, 'slow_start'], message });
  if (slowStartMs > 0 && !hasSlowStart(scheduler))
    wrong(`${scheduler} does not weigh connections: slow_start goes with ${slowStartSchedulers.join(', ')}`);
  if (slowStartMs > maxSlowStartMs) wrong(`\`${time}\` is too long: it is at most 1d`);
  return slowStartMs;
}

const maxSlowStartMs = 86_400_000;

function readSorry(entry: ServiceEntry, path: Path, report: Report): ReadServer | undefined {
  const { sorry_server: sorry } = entry;
  return sorry === undefined ? undefined : readServer(sorry, entry, [...path, 'sorry_server'], report);
}

function readQuorum(entry: ServiceEntry, path: Path, report: Report): Quorum {
  const { quorum = 1, servers = [] } = entry;
  const here = [...path, 'quorum'];
  if (typeof quorum === 'string') {
    const value = Number(quorum.replace('%', ''));
    if (value < 1 || value > 100)
      report({ path: here, message: `\`${quorum}\` is no share: it is 1% to 100%` });
    return { kind: 'percent', value };
  }
  const weights = servers.map(weightOf);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  // Who is drained comes back with a weight that the file does not know.
  const isWhole = servers.length > 0 && !weights.includes(0);
  if (entry.quorum !== undefined && isWhole && quorum > whole)
    report({
      path: here,
      message: `the quorum, ${quorum}, can never be reached: all real servers together weigh ${whole}`,
    });
  return { kind: 'weight', value: quorum };
}

function weightOf(server: string | ServerEntry): number {
  return typeof server === 'string' ? 1 : (server.weight ?? 1);
}
