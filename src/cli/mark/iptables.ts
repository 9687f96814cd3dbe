/** What `iptables-save -t mangle` and `ip6tables-save -t mangle` print, read as rules of netfilter. Pure. */

import type { Family } from '../../ipvs/address.ts';
import type { PortRange } from '../../ipvs/mark-rule.ts';
import { parsePrefix } from '../../ipvs/prefix.ts';
import { maxMark, type Protocol, protocols } from '../../ipvs/service.ts';
import type { Match } from './match.ts';
import {
  andMark,
  type Hook,
  type MarkChange,
  type NetfilterRule,
  noChange,
  orMark,
  type Verdict,
  xorMark,
} from './netfilter.ts';
import { parsePorts } from './ports.ts';

/** NF_IP_PRI_MANGLE */
const manglePriority = -150;

/** The hook of PREROUTING in table mangle; `undefined` where the text has no such table. */
export function readIptables(text: string, family: Family): Hook | undefined {
  const table = /^\*mangle$([\s\S]*?)^COMMIT$/m.exec(text)?.[1];
  if (table === undefined) return undefined;
  const chains = new Map<string, NetfilterRule[]>();
  for (const line of table.split('\n')) {
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined) chains.set(chain, []);
    else if (line.startsWith('-A ')) {
      const [, name = '', ...words] = divided(line);
      chains.get(name)?.push(readRule(line, words, family, chains));
    }
  }
  return { chains, base: 'PREROUTING', families: [family], priority: manglePriority };
}

/** Words as a shell would divide them; iptables-save quotes with `"` and escapes with `\`. */
export function divided(line: string): readonly string[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')),
  );
}

/** What the options of a rule have said so far. */
type Draft = {
  match: Match;
  /** Ports of either side. */
  ports?: readonly PortRange[];
  change?: MarkChange;
  verdict: Verdict;
  /** From its target on, options are that target's. */
  target?: string;
  readonly chains: ReadonlyMap<string, unknown>;
};

function readRule(
  text: string,
  words: readonly string[],
  family: Family,
  chains: Draft['chains'],
): NetfilterRule {
  const draft: Draft = { match: { families: [family] }, verdict: { kind: 'continue' }, chains };
  for (let at = 0; at < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2);
    const problem = option === '!' ? 'has no counterpart to !' : take(draft, option, value);
    if (problem !== undefined) return { text, matches: problem, verdict: draft.verdict };
  }
  const { match, ports, change, verdict } = draft;
  const matches = ports
    ? [
        { ...match, targetPorts: ports },
        { ...match, sourcePorts: ports },
      ]
    : [match];
  return { text, matches, ...(change && { change }), verdict };
}

/** Takes one option with its value, or says why it cannot be taken. */
function take(draft: Draft, option: string, value: string): string | undefined {
  if (draft.target !== undefined) return takeTargetOption(draft, option, value);
  switch (option) {
    case '-d':
    case '-s': {
      const prefix = parsePrefix(value);
      if (!prefix) return `has no counterpart to ${option} ${value}`;
      draft.match = { ...draft.match, [option === '-d' ? 'targets' : 'sources']: [prefix] };
      return undefined;
    }
    case '-i':
      if (value.endsWith('+')) return 'has no counterpart to an interface by the beginning of its name';
      draft.match = { ...draft.match, interfaces: [value] };
      return undefined;
    case '-p':
      return takeProtocol(draft, value);
    case '-m':
      return knownMatches.includes(value) ? undefined : `has no counterpart to -m ${value}`;
    case '--comment':
      return undefined;
    case '--dport':
    case '--dports':
    case '--sport':
    case '--sports':
    case '--ports':
      return takePorts(draft, option, value);
    case '-j':
    case '-g':
      return takeTarget(draft, option, value);
    default:
      return `has no counterpart to ${option}`;
  }
}

/** Their options are read here; all others have none that a mark rule knows. */
const knownMatches: readonly string[] = [...protocols, 'multiport', 'comment'];

const protocolNumbers: Readonly<Record<string, Protocol>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

function takeProtocol(draft: Draft, value: string): string | undefined {
  const protocol = protocols.find((known) => known === value) ?? protocolNumbers[value];
  if (!protocol) return `is about ${value}; Fairlead directs TCP, UDP and SCTP`;
  draft.match = { ...draft.match, protocols: [protocol] };
  return undefined;
}

function takePorts(draft: Draft, option: string, value: string): string | undefined {
  const ranges = parsePorts(value);
  if (!ranges) return `has no counterpart to ${option} ${value}`;
  if (option === '--ports') draft.ports = ranges;
  else if (option.startsWith('--d')) draft.match = { ...draft.match, targetPorts: ranges };
  else draft.match = { ...draft.match, sourcePorts: ranges };
  return undefined;
}

function takeTarget(draft: Draft, option: string, value: string): string | undefined {
  draft.target = value;
  if (draft.chains.has(value)) draft.verdict = { kind: option === '-g' ? 'goto' : 'jump', chain: value };
  else if (value === 'ACCEPT') draft.verdict = { kind: 'accept' };
  else if (value === 'RETURN') draft.verdict = { kind: 'return' };
  else if (value === 'DROP') return 'drops packets, which Fairlead sees before netfilter does';
  else if (value === 'MARK') draft.change = noChange;
  else if (!harmless.includes(value)) return `has no counterpart to ${option} ${value}`;
  return undefined;
}

/** Targets that leave the mark alone and go on with the next rule. */
const harmless: readonly string[] = [
  ...['CHECKSUM', 'CLASSIFY', 'DSCP', 'ECN', 'HL', 'LOG', 'NFLOG', 'TCPMSS', 'TOS', 'TRACE', 'TTL'],
];

function takeTargetOption(draft: Draft, option: string, value: string): string | undefined {
  if (draft.target !== 'MARK') return undefined;
  const [number = Number.NaN, mask = maxMark] = value.split('/').map(Number);
  const change = markOptions[option]?.(number, mask);
  if (!change || !Number.isInteger(number) || !Number.isInteger(mask))
    return `has no counterpart to ${option} ${value}`;
  draft.change = change;
  return undefined;
}

const without = (mask: number): MarkChange => andMark(noChange, ~mask >>> 0);

const markOptions: Readonly<Record<string, (value: number, mask: number) => MarkChange>> = {
  '--set-xmark': (value, mask) => xorMark(without(mask), value),
  '--set-mark': (value, mask) => orMark(without(mask), value),
  '--and-mark': (bits) => andMark(noChange, bits),
  '--or-mark': (bits) => orMark(noChange, bits),
  '--xor-mark': (bits) => xorMark(noChange, bits),
};
