/** What `nft -j list ruleset` prints (libnftables-json(5)), read as rules of netfilter. Pure. */

import type { Family } from '../../ipvs/address.ts';
import { intersection, type Match } from './match.ts';
import {
  andMark,
  type Hook,
  type MarkChange,
  type NetfilterRule,
  noChange,
  orMark,
  setMark,
  type Verdict,
  xorMark,
} from './netfilter.ts';
import { takeMatch } from './nft-match.ts';

type Json = unknown;
type Named = Readonly<Record<string, Json>>;

const familiesOf: Readonly<Record<string, readonly Family[]>> = { ip: [4], ip6: [6], inet: [4, 6] };

export type NftOptions = {
  /** What a person knows a rule by, from `ruleTexts`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Tables `mangle` of ip and ip6 are iptables-nft's own, and were read from iptables-save. */
  readonly withoutIptables: boolean;
};

/** The hooks of prerouting in tables of ip, ip6 and inet. Throws where the text is no JSON. */
export function readNft(json: string, { texts, withoutIptables }: NftOptions): readonly Hook[] {
  const { nftables = [] } = JSON.parse(json) as { nftables?: readonly Record<string, Named>[] };
  const tables = new Map<string, Map<string, NetfilterRule[]>>();
  const hooks: Hook[] = [];
  for (const { chain, rule } of nftables) {
    const named = chain ?? rule;
    const family = String(named?.['family']);
    const families = familiesOf[family];
    const table = `${family} ${String(named?.['table'])}`;
    if (!named || !families || (withoutIptables && /^ip6? mangle$/.test(table))) continue;
    const chains = tables.get(table) ?? new Map<string, NetfilterRule[]>();
    tables.set(table, chains);
    if (chain) {
      const base = String(chain['name']);
      chains.set(base, []);
      if (chain['hook'] === 'prerouting')
        hooks.push({ chains, base, families, priority: Number(chain['prio']) });
    } else {
      const name = String(named['chain']);
      const key = ruleKey(table, name, Number(named['handle']));
      const text = texts.get(key) ?? key;
      chains.get(name)?.push(readRule(text, families, named['expr'] as readonly Named[]));
    }
  }
  return hooks;
}

function ruleKey(table: string, chain: string, handle: number): string {
  return `table ${table}, chain ${chain}, handle ${handle}`;
}

/** Rules as `nft -a list ruleset` writes them, by table, chain and handle. */
export function ruleTexts(text: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  let table = '';
  let chain = '';
  for (const line of text.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const [, rule, handle] = /^\t\t(.+) # handle (\d+)$/.exec(line) ?? [];
    if (rule !== undefined) texts.set(ruleKey(table, chain, Number(handle)), `${table} ${chain}: ${rule}`);
  }
  return texts;
}

function readRule(text: string, families: readonly Family[], expressions: readonly Named[]): NetfilterRule {
  let match: Match | undefined = { families };
  let change: MarkChange | undefined;
  let verdict: Verdict = { kind: 'continue' };
  for (const expression of expressions) {
    const [kind = '', body] = Object.entries(expression)[0] ?? [];
    if (harmless.includes(kind)) continue;
    const taken = takeExpression(kind, body as Named);
    if (typeof taken === 'string') return { text, matches: taken, verdict };
    if ('match' in taken) {
      if (change) return { text, matches: 'has no counterpart to a match behind the mark', verdict };
      match = match && intersection(match, taken.match);
    } else if ('change' in taken) change = taken.change;
    else verdict = taken.verdict;
  }
  return { text, matches: match ? [match] : [], ...(change && { change }), verdict };
}

/** Statements that leave the mark alone and go on. */
const harmless: readonly string[] = ['counter', 'log', 'notrack'];

type Taken = { readonly match: Match } | { readonly change: MarkChange } | { readonly verdict: Verdict };

function takeExpression(kind: string, body: Named): Taken | string {
  switch (kind) {
    case 'match': {
      const match = takeMatch(body);
      return typeof match === 'string' ? match : { match };
    }
    case 'mangle':
      return takeMangle(body);
    case 'accept':
    case 'return':
      return { verdict: { kind } };
    case 'jump':
    case 'goto':
      return { verdict: { kind, chain: String(body['target']) } };
    case 'drop':
    case 'reject':
      return 'drops packets, which Fairlead sees before netfilter does';
    default:
      return `has no counterpart to ${kind}`;
  }
}

function takeMangle({ key, value }: Named): Taken | string {
  const [kind = '', inner] = Object.entries(key as Named)[0] ?? [];
  const name = String((inner as Named)['key'] ?? (inner as Named)['field']);
  // Packets are changed, but no mark is.
  if (kind !== 'meta' || name !== 'mark')
    return kind === 'ct' ? `has no counterpart to ${kind} ${name}` : { change: noChange };
  const change = markChange(value);
  return change ? { change } : 'sets a mark that depends on more than the mark';
}

const operations: Readonly<Record<string, (change: MarkChange, bits: number) => MarkChange>> = {
  '&': andMark,
  '|': orMark,
  '^': xorMark,
};

/** The change that an expression of the mark and numbers makes. */
function markChange(value: Json): MarkChange | undefined {
  if (typeof value === 'number') return setMark(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const [operator = '', operands] = Object.entries(value)[0] ?? [];
  if (operator === 'meta') return (operands as Named)['key'] === 'mark' ? noChange : undefined;
  const [first, bits] = Array.isArray(operands) ? (operands as readonly Json[]) : [];
  const change = markChange(first);
  return change && typeof bits === 'number' ? operations[operator]?.(change, bits) : undefined;
}
