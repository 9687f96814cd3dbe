/**
 * What a rule of netfilter fits, as alternatives of what a mark rule can say: any of these addresses, any of
 * these ports, and so on. Absent is everything.
 */

import { type Family, familyOf } from '../../ipvs/address.ts';
import type { MarkRule, PortRange } from '../../ipvs/mark-rule.ts';
import { type Prefix, prefixOf, prefixText } from '../../ipvs/prefix.ts';
import type { Protocol } from '../../ipvs/service.ts';

export type Match = {
  readonly families: readonly Family[];
  readonly protocols?: readonly Protocol[];
  readonly targets?: readonly Prefix[];
  readonly sources?: readonly Prefix[];
  readonly targetPorts?: readonly PortRange[];
  readonly sourcePorts?: readonly PortRange[];
  readonly interfaces?: readonly string[];
};

/** What fits both; `undefined` if nothing does. */
export function intersection(a: Match, b: Match): Match | undefined {
  const parts: { readonly [N in keyof Match]-?: Match[N] | undefined } = {
    families: a.families.filter((family) => b.families.includes(family)),
    protocols: common(a.protocols, b.protocols, sameOrNone),
    targets: common(a.targets, b.targets, narrower),
    sources: common(a.sources, b.sources, narrower),
    targetPorts: common(a.targetPorts, b.targetPorts, overlap),
    sourcePorts: common(a.sourcePorts, b.sourcePorts, overlap),
    interfaces: common(a.interfaces, b.interfaces, sameOrNone),
  };
  const present = Object.entries(parts).filter(([, alternatives]) => alternatives !== undefined);
  if (present.some(([, alternatives]) => alternatives?.length === 0)) return undefined;
  return Object.fromEntries(present) as Match;
}

/** Every rule that is needed to say it. No packet fits two of them. */
export function* rulesFitting(match: Match): Generator<Omit<MarkRule, 'value' | 'mask' | 'final'>> {
  for (const family of new Set(match.families)) {
    const own = (prefixes: readonly Prefix[] | undefined) =>
      prefixes && apart(prefixes.filter(({ address }) => familyOf(address) === family));
    for (const protocol of each(match.protocols && [...new Set(match.protocols)]))
      for (const target of each(own(match.targets)))
        for (const source of each(own(match.sources)))
          for (const targetPorts of each(match.targetPorts && merged(match.targetPorts)))
            for (const sourcePorts of each(match.sourcePorts && merged(match.sourcePorts)))
              for (const name of each(match.interfaces && [...new Set(match.interfaces)]))
                yield {
                  family,
                  ...(protocol && { protocol }),
                  ...(target && { target }),
                  ...(source && { source }),
                  ...(targetPorts && { targetPorts }),
                  ...(sourcePorts && { sourcePorts }),
                  ...(name && { interface: name }),
                };
  }
}

/** One `undefined` for anything. */
function each<T>(alternatives: readonly T[] | undefined): readonly (T | undefined)[] {
  return alternatives ?? [undefined];
}

function common<T>(
  a: readonly T[] | undefined,
  b: readonly T[] | undefined,
  both: (one: T, other: T) => T | undefined,
): readonly T[] | undefined {
  if (!a || !b) return a ?? b;
  return a.flatMap((one) => b.flatMap((other) => both(one, other) ?? []));
}

function sameOrNone<T>(one: T, other: T): T | undefined {
  return one === other ? one : undefined;
}

function narrower(one: Prefix, other: Prefix): Prefix | undefined {
  const [narrow, wide] = one.length > other.length ? [one, other] : [other, one];
  return contains(wide, narrow) ? narrow : undefined;
}

function contains(wide: Prefix, narrow: Prefix): boolean {
  if (familyOf(wide.address) !== familyOf(narrow.address) || narrow.length < wide.length) return false;
  return prefixText(prefixOf(narrow.address, wide.length)) === prefixText(wide);
}

function overlap(one: PortRange, other: PortRange): PortRange | undefined {
  const range = { first: Math.max(one.first, other.first), last: Math.min(one.last, other.last) };
  return range.first <= range.last ? range : undefined;
}

/** Without those that lie in another one. */
function apart(prefixes: readonly Prefix[]): readonly Prefix[] {
  return prefixes.filter(
    (prefix, index) =>
      !prefixes.some(
        (other, at) =>
          at !== index && contains(other, prefix) && (other.length < prefix.length || at < index),
      ),
  );
}

/** The same ports in as few ranges as they need. */
function merged(ranges: readonly PortRange[]): readonly PortRange[] {
  const result: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.first - b.first)) {
    const last = result.at(-1);
    if (last && range.first <= last.last + 1)
      result[result.length - 1] = { first: last.first, last: Math.max(last.last, range.last) };
    else result.push(range);
  }
  return result;
}
