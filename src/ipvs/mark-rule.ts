/**
 * Rules that say which packets have which firewall mark. The data plane sees packets before netfilter does, so
 * it classifies them itself; a rule says what a line `iptables -t mangle -A PREROUTING … -j MARK` says.
 */

import { type Family, familyOf } from './address.ts';
import { fullLength, type Prefix, prefixOf } from './prefix.ts';
import { maxMark, type Protocol } from './service.ts';

/** Both ends included. */
export type PortRange = { readonly first: number; readonly last: number };

export type MarkRule = {
  readonly family: Family;
  /** Absent: any. */
  readonly protocol?: Protocol;
  readonly target?: Prefix;
  readonly source?: Prefix;
  readonly targetPorts?: PortRange;
  readonly sourcePorts?: PortRange;
  /** Name of the interface the packet comes in by. */
  readonly interface?: string;
  /** The packet's mark becomes (mark & ~mask) ^ value, as with `MARK --set-xmark value/mask`. */
  readonly value: number;
  readonly mask: number;
  /** No later rule is tried where this one fits. */
  readonly final: boolean;
};

export const maxMarkRules = 1024;

/** What is wrong with a rule, in a few words; `undefined` if nothing is. */
export function markRuleProblem(rule: MarkRule): string | undefined {
  const { family, target, source, targetPorts, sourcePorts } = rule;
  for (const prefix of [target, source]) {
    if (prefix && familyOf(prefix.address) !== family)
      return `${prefix.address} is not an IPv${family} address`;
    if (prefix && prefix.length > fullLength(prefix.address)) return `/${prefix.length} is too long`;
  }
  for (const range of [targetPorts, sourcePorts]) {
    if (range && range.first > range.last) return `ports ${range.first}:${range.last} run backwards`;
  }
  const numbers = [rule.value, rule.mask];
  return numbers.every((number) => number <= maxMark) ? undefined : 'marks have 32 bits';
}

/** The rule with the bits of its prefixes cleared that are of no meaning. */
export function tidyMarkRule(rule: MarkRule): MarkRule {
  const { target, source } = rule;
  return {
    ...rule,
    ...(target && { target: prefixOf(target.address, target.length) }),
    ...(source && { source: prefixOf(source.address, source.length) }),
  };
}
