/**
 * Rules of netfilter as mark rules: what iptables.ts and nft.ts have read, walked as the kernel walks it. Pure.
 *
 * A rule whose meaning cannot be kept is named, and left out as a whole.
 */

import type { Family } from '../../ipvs/address.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import { maxMark } from '../../ipvs/service.ts';
import { intersection, type Match, rulesFitting } from './match.ts';

/** The mark becomes (mark & ~mask) ^ value. */
export type MarkChange = { readonly value: number; readonly mask: number };

export type Verdict =
  | { readonly kind: 'continue' }
  /** The end of the walk for this packet (ACCEPT, or RETURN to the policy of a hook's own chain). */
  | { readonly kind: 'accept' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export type NetfilterRule = {
  /** As a person knows it. */
  readonly text: string;
  /** Alternatives whose marks are set one after the other; or why the rule cannot be kept. */
  readonly matches: readonly Match[] | string;
  readonly change?: MarkChange;
  readonly verdict: Verdict;
};

/** Chains by name. */
export type Chains = ReadonlyMap<string, readonly NetfilterRule[]>;

/** A chain that packets come through before they are routed, and those it leads to. */
export type Hook = {
  readonly chains: Chains;
  readonly base: string;
  readonly families: readonly Family[];
  /** Those with lower numbers come first. */
  readonly priority: number;
};

export type Imported = {
  readonly rules: readonly MarkRule[];
  readonly left: readonly { readonly text: string; readonly reason: string }[];
};

/** Rules of all hooks, in the order in which packets come through them. */
export function importHooks(hooks: readonly Hook[]): Imported {
  const rules: MarkRule[] = [];
  const left: { text: string; reason: string }[] = [];
  const ordered = [...hooks].sort((a, b) => a.priority - b.priority);
  ordered.forEach(({ chains, base, families }, index) => {
    const later = ordered
      .slice(index + 1)
      .filter((hook) => hook.families.some((one) => families.includes(one)));
    const walk: Walk = {
      chains,
      last: !later.some((hook) => marks(hook.chains, hook.base)),
      rules,
      leave: (text, reason) => left.push({ text, reason }),
    };
    walkChain(walk, { name: base, within: { families }, above: [] });
  });
  return { rules, left };
}

type Walk = {
  readonly chains: Chains;
  /** No other hook follows, so that the end of this one is the end. */
  readonly last: boolean;
  readonly rules: MarkRule[];
  readonly leave: (text: string, reason: string) => void;
};

type Place = {
  readonly name: string;
  /** What packets must fit to come here. */
  readonly within: Match;
  /** Chains this one was reached through; none: it is the hook's own. */
  readonly above: readonly string[];
};

function walkChain(walk: Walk, place: Place): void {
  for (const rule of walk.chains.get(place.name) ?? []) {
    if (!matters(walk.chains, rule)) continue;
    if (typeof rule.matches === 'string') walk.leave(rule.text, rule.matches);
    else if (isPlainReturn(rule, place.within.families)) return;
    else walkRule(walk, place, rule, rule.matches);
  }
}

function walkRule(walk: Walk, place: Place, rule: NetfilterRule, matches: readonly Match[]): void {
  const reason = obstacle(walk, place, rule, matches);
  if (reason !== undefined) {
    walk.leave(rule.text, reason);
    return;
  }
  for (const match of matches) {
    const within = intersection(place.within, match);
    if (!within) continue;
    const { verdict, change = { value: 0, mask: 0 } } = rule;
    if (verdict.kind === 'jump' || verdict.kind === 'goto') {
      if (rule.change) add(walk, within, change, false);
      const above = [...place.above, place.name];
      walkChain(walk, { name: verdict.chain, within, above });
      if (verdict.kind === 'goto') add(walk, within, { value: 0, mask: 0 }, true);
    } else add(walk, within, change, verdict.kind !== 'continue');
  }
}

/** Why a rule that was read cannot be kept where it stands. */
function obstacle(
  { last }: Walk,
  { name, above }: Place,
  { verdict, change }: NetfilterRule,
  matches: readonly Match[],
): string | undefined {
  const repeated = matches.length > 1 && change && (change.value & ~change.mask) !== 0;
  if (repeated) return 'changes bits of the mark, and a packet may fit it twice';
  const leads = verdict.kind === 'jump' || verdict.kind === 'goto';
  if (leads && matches.length > 1) return 'leads to a chain by ports of either side';
  if (leads && [...above, name].includes(verdict.chain)) return 'leads in a circle';
  if (above.length > 0 && (verdict.kind === 'return' || verdict.kind === 'goto'))
    return 'leaves a chain that another one led to; a mark rule can only end the walk';
  const ends = verdict.kind === 'accept' || verdict.kind === 'return' || verdict.kind === 'goto';
  return ends && !last
    ? 'ends the walk of its own hook only, and another hook follows that marks'
    : undefined;
}

function add(walk: Walk, match: Match, { value, mask }: MarkChange, final: boolean): void {
  if (mask === 0 && value === 0 && !final) return;
  for (const rule of rulesFitting(match)) walk.rules.push({ ...rule, value, mask, final });
}

/** What ends a chain for every packet that comes there. */
function isPlainReturn({ matches, verdict, change }: NetfilterRule, families: readonly Family[]): boolean {
  if (verdict.kind !== 'return' || change || typeof matches === 'string') return false;
  return matches.some(
    (match) => Object.keys(match).length === 1 && families.every((family) => match.families.includes(family)),
  );
}

/** Whether a rule has to do with marks: it changes one, leads to one that does, or keeps packets from one. */
function matters(chains: Chains, { verdict, change, matches }: NetfilterRule): boolean {
  if (change !== undefined || typeof matches === 'string') return true;
  if (verdict.kind === 'jump' || verdict.kind === 'goto') return marks(chains, verdict.chain);
  return verdict.kind !== 'continue';
}

/** Whether any rule marks that a packet may come to from here. */
function marks(chains: Chains, name: string, seen: readonly string[] = []): boolean {
  if (seen.includes(name)) return false;
  return (chains.get(name) ?? []).some(
    ({ change, verdict }) =>
      change !== undefined ||
      ((verdict.kind === 'jump' || verdict.kind === 'goto') && marks(chains, verdict.chain, [...seen, name])),
  );
}

/** What one change after another amounts to. */
export const noChange: MarkChange = { value: 0, mask: 0 };

export function setMark(value: number): MarkChange {
  return { value, mask: maxMark };
}

/** `change`, and then `& bits`. */
export function andMark({ value, mask }: MarkChange, bits: number): MarkChange {
  return { value: (value & bits) >>> 0, mask: (mask | ~bits) >>> 0 };
}

/** `change`, and then `| bits`. */
export function orMark({ value, mask }: MarkChange, bits: number): MarkChange {
  return { value: (value | bits) >>> 0, mask: (mask | bits) >>> 0 };
}

/** `change`, and then `^ bits`. */
export function xorMark({ value, mask }: MarkChange, bits: number): MarkChange {
  return { value: (value ^ bits) >>> 0, mask };
}
