/** Random changes of what holds for the whole director: sysctls, timeouts, defences; and commands that fail. Pure. */

import type { Step } from '../scenario.ts';
import { sysctlRows } from '../sysctls.ts';
import { ipvsadm, type Making, pickService, serviceWords } from './state.ts';

const unknownScheduler = 'nosuch';

export function sysctl({ random, steps }: Making): void {
  const { name, values } = random.pick(sysctlRows);
  const value = random.pick(values);
  // Of connections whose real server was deleted before, kernel IPVS and Fairlead make different things (known.ts).
  if (name === 'expire_nodest_conn' && value === '1' && steps.some(isDeletion)) return;
  steps.push({ kind: 'sysctl', name, value });
}

function isDeletion(step: Step): boolean {
  return step.kind === 'ipvsadm' && ['-d', '-D', '-C'].includes(step.words[0] ?? '');
}

/** drop_packet drops every n-th packet that would open a connection; n holds from its beginning, or a second later. */
export function defence({ random, steps }: Making): void {
  const last = steps.findLast((step) => step.kind === 'sysctl' && step.name === 'drop_packet');
  const begins = last?.kind !== 'sysctl' || last.value === '0';
  if (begins && random.chance(0.7)) {
    steps.push({ kind: 'sysctl', name: 'am_droprate', value: random.pick(['1', '2', '3', '5']) });
  }
  steps.push({ kind: 'sysctl', name: 'drop_packet', value: begins ? '3' : '0' });
}

export function timeouts(making: Making): void {
  const pick = () => String(making.random.pick([0, 30, 60, 100, 1000]));
  ipvsadm(making, '--set', pick(), pick(), pick());
  if (making.random.chance(0.3)) ipvsadm(making, '-L', '--timeout');
}

/** Short enough to be waited for, and the waiting. */
export function expiry(making: Making): void {
  const { random } = making;
  if (random.chance(0.6)) ipvsadm(making, '--set', '2', '2', '2');
  making.steps.push({ kind: 'pause', seconds: 4.5 });
}

/** Commands about what is not there. */
export function mistake(making: Making): void {
  const { random } = making;
  const service = pickService(making);
  const absent = serviceWords({ transport: 'tcp', end: { address: making.slot.ipv4[0] ?? '', port: 9999 } });
  const stranger = ['-r', '10.0.0.99:80'];
  const rows: readonly (readonly string[])[] = [
    ['-D', ...absent],
    ['-E', ...absent, '-s', 'rr'],
    ['-Z', ...absent],
    ['-a', ...absent, ...stranger],
    ['-Ln', ...absent],
    ...(service && !service.ipv6
      ? [
          ['-d', ...service.words, ...stranger],
          ['-e', ...service.words, ...stranger],
          ['-a', ...service.words, '-r', '224.0.0.1:80'],
          ['-E', ...service.words, '-s', unknownScheduler],
          ['-Ln', ...service.words],
        ]
      : []),
  ];
  ipvsadm(making, ...random.pick(rows));
}
