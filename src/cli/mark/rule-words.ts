/** Mark rules out of the words of `fairlead mark add` (ipvs/mark-rule-words.ts goes the other way). Pure. */

import { type Family, familyOf } from '../../ipvs/address.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import { parsePrefix } from '../../ipvs/prefix.ts';
import { maxMark, type Protocol } from '../../ipvs/service.ts';
import { type Match, rulesFitting } from './match.ts';
import type { MarkChange } from './netfilter.ts';
import { parsePorts } from './ports.ts';

/** The options as they were given. */
export type RuleOptions = {
  readonly destination?: string;
  readonly source?: string;
  readonly protocol?: Protocol;
  readonly ports?: string;
  readonly sourcePorts?: string;
  readonly in?: string;
  readonly ipv4?: true;
  readonly ipv6?: true;
  readonly final?: true;
};

/** The rules that say it: one for each family, and for each range of ports. Or what is wrong. */
export function rulesOf(
  mark: string,
  options: RuleOptions,
): readonly MarkRule[] | { readonly problem: string } {
  const change = parseMark(mark);
  if (!change) return { problem: `no mark: ${mark}` };
  if (change.value === 0 && !choosesPackets(options))
    return {
      problem: `mark ${mark} for every packet marks nothing: say which packets, as --destination does`,
    };
  const match = matchOf(options);
  if ('problem' in match) return match;
  return [...rulesFitting(match)].map((rule) => ({ ...rule, ...change, final: options.final ?? false }));
}

function choosesPackets({ final, ...conditions }: RuleOptions): boolean {
  return Object.values(conditions).some((condition) => condition !== undefined);
}

/** `7`, `0x10`, or `0x10/0xf0` for some of the bits: the mark becomes (mark & ~mask) ^ value. */
function parseMark(text: string): MarkChange | undefined {
  const [, value, mask = String(maxMark)] = /^(\w+)(?:\/(\w+))?$/.exec(text) ?? [];
  const numbers = [value, mask].map((number = '') =>
    /^(\d{1,10}|0x[\da-f]{1,8})$/i.test(number) ? Number(number) : Number.NaN,
  );
  const [wanted = Number.NaN, bits = Number.NaN] = numbers;
  return wanted <= maxMark && bits <= maxMark ? { value: wanted, mask: bits } : undefined;
}

function matchOf(options: RuleOptions): Match | { readonly problem: string } {
  const { protocol } = options;
  const prefixes = { targets: options.destination, sources: options.source };
  const ranges = { targetPorts: options.ports, sourcePorts: options.sourcePorts };
  const match: { -readonly [N in keyof Match]: Match[N] } = { families: wantedFamilies(options) };
  for (const side of ['targets', 'sources'] as const) {
    const text = prefixes[side];
    if (text === undefined) continue;
    const prefix = parsePrefix(text);
    if (!prefix) return { problem: `no address or prefix: ${text}` };
    match[side] = [prefix];
    match.families = match.families.filter((family) => family === familyOf(prefix.address));
  }
  for (const side of ['targetPorts', 'sourcePorts'] as const) {
    const text = ranges[side];
    if (text === undefined) continue;
    const read = parsePorts(text);
    if (!read) return { problem: `no ports: ${text}` };
    match[side] = read;
  }
  if (match.families.length === 0) return { problem: 'addresses of both families, which no packet has' };
  return {
    ...match,
    ...(protocol && { protocols: [protocol] }),
    ...(options.in !== undefined && { interfaces: [options.in] }),
  };
}

function wantedFamilies({ ipv4, ipv6 }: RuleOptions): readonly Family[] {
  if (ipv4 === ipv6) return [4, 6];
  return ipv4 ? [4] : [6];
}
