/** `fairlead status`: what the director of this namespace is and does. */

import type { Command } from 'commander';
import { findDirector } from '../api/connect.ts';
import type { DirectorStatus } from '../api/status.ts';
import type { AddressClaim } from '../ipvs/claim.ts';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import { notRunning, notRunningStatus } from './not-running.ts';

export function register(program: Command): void {
  program
    .command('status')
    .description(
      'show the director of this network namespace: interfaces, connections, what was not forwarded',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExit status: 0, or ${notRunningStatus} where no director runs.`)
    .action(async ({ json }: { readonly json?: true }) => {
      const client = await findDirector();
      if (!client) return notRunning('the first ipvsadm command');
      const status = await client.call('status', {});
      process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : renderStatus(status));
    });
}

/** The status as a person reads it. */
export function renderStatus(status: DirectorStatus): string {
  const { count, limit, halfOpen, halfOpenLimit, stateless } = status.connections;
  const dropped = Object.entries(status.notForwarded).filter(([, { packets }]) => packets > 0);
  const claims = status.claims.map(renderClaim);
  const changed = Object.entries(status.sysctls).map(([name, value]) => `${name}=${value}`);
  return [
    `Fairlead ${status.version}, director of network namespace ${status.namespace}, process ${status.pid}`,
    'Interfaces',
    ...status.interfaces.map(renderInterface),
    `Services ${status.services}, mark rules ${status.markRules}`,
    `Connections ${count} of at most ${limit}, half-open ${halfOpen} of at most ${halfOpenLimit}`,
    ...(stateless ? ['  no room: new connections are forwarded by consistent hash, without an entry'] : []),
    ...(changed.length === 0 ? [] : [`Settings that are not at their default: ${changed.join(' ')}`]),
    dropped.length === 0 ? 'Not forwarded: nothing' : 'Not forwarded, packets by reason (fairlead drops)',
    ...dropped.map(([reason, { packets }]) => `  ${reason.padEnd(18)} ${packets}`),
    ...(claims.length === 0
      ? []
      : ['Virtual addresses that others have claimed (fairlead doctor)', ...claims]),
    '',
  ].join('\n');
}

function renderInterface({ name, hooks, mode, note }: InterfaceStatus): string {
  const remarks = [mode === 'auto' ? '' : `forced: ${mode}`, note ?? ''].filter((remark) => remark !== '');
  return `  ${name.padEnd(15)} ${(hooks.join('+') || 'none').padEnd(7)} ${remarks.join('; ')}`.trimEnd();
}

function renderClaim({ vip, mac, interface: name, kinds, count, lastSecondsAgo }: AddressClaim): string {
  return `  ${vip} by ${mac} on ${name}: ${kinds.join(', ')}; ${count} in all, the last ${lastSecondsAgo} s ago`;
}
