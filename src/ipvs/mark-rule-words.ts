/** Mark rules in the words of `fairlead mark add`, which are how a person knows them. Pure. */

import type { MarkRule, PortRange } from './mark-rule.ts';
import { type Prefix, prefixText } from './prefix.ts';
import { maxMark } from './service.ts';

/** What `fairlead mark add` would have to be told to make this rule. */
export function ruleWords(rule: MarkRule): readonly string[] {
  const { family, protocol, target, source, targetPorts, sourcePorts, interface: name } = rule;
  const prefix = (option: string, value: Prefix | undefined) => (value ? [option, prefixText(value)] : []);
  return [
    markText(rule),
    ...(target || source ? [] : [`--ipv${family}`]),
    ...prefix('--destination', target),
    ...prefix('--source', source),
    ...(protocol ? ['--protocol', protocol] : []),
    ...(targetPorts ? ['--ports', portsText(targetPorts)] : []),
    ...(sourcePorts ? ['--source-ports', portsText(sourcePorts)] : []),
    ...(name === undefined ? [] : ['--in', name]),
    ...(rule.final ? ['--final'] : []),
  ];
}

function markText({ value, mask }: Pick<MarkRule, 'value' | 'mask'>): string {
  if (mask === maxMark) return String(value);
  return `0x${value.toString(16)}/0x${mask.toString(16)}`;
}

function portsText({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}:${last}`;
}
