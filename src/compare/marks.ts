/** Rules that give packets a firewall mark, in the words of iptables and of `fairlead mark`. Pure. */

import { isIpv6, type MarkRule } from './scenario.ts';

const programOf = (ipv6: boolean): string => (ipv6 ? 'ip6tables-legacy' : 'iptables-legacy');
const table = ['-w', '-t', 'mangle'];

export function netfilterWords({
  mark,
  mask,
  destination,
  transport,
  port,
}: MarkRule): readonly [string, ...string[]] {
  const ports = port === undefined ? [] : ['--dport', String(port)];
  const fitting = ['-d', destination, '-p', transport, ...ports];
  const set = mask === undefined ? ['--set-mark', String(mark)] : ['--set-xmark', `${mark}/${mask}`];
  return [programOf(isIpv6(destination)), ...table, '-A', 'PREROUTING', ...fitting, '-j', 'MARK', ...set];
}

export function fairleadWords({ mark, mask, destination, transport, port }: MarkRule): readonly string[] {
  const ports = port === undefined ? [] : ['--ports', String(port)];
  const value = mask === undefined ? String(mark) : `${mark}/${mask}`;
  return ['mark', 'add', value, '--destination', destination, '--protocol', transport, ...ports];
}

/** Takes all rules out: a command for each family. */
export const netfilterClearings = [false, true].map(
  (ipv6) => [programOf(ipv6), ...table, '-F', 'PREROUTING'] as const,
);
export const fairleadClearing = ['mark', 'clear'] as const;
