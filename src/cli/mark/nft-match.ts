/** The matches of nft's rules (libnftables-json(5), MATCH) as matches of mark rules. Pure. */

import { type Family, parsePort } from '../../ipvs/address.ts';
import type { PortRange } from '../../ipvs/mark-rule.ts';
import { type Prefix, parsePrefix } from '../../ipvs/prefix.ts';
import { type Protocol, protocols } from '../../ipvs/service.ts';
import type { Match } from './match.ts';

type Named = Readonly<Record<string, unknown>>;

const bothFamilies: readonly Family[] = [4, 6];

/** Or why it has no counterpart. */
export function takeMatch({ op, left, right }: Named): Match | string {
  const [kind = '', inner] = Object.entries(left as Named)[0] ?? [];
  const { protocol, field, key } = inner as Named;
  const name = kind === 'payload' ? `${String(protocol)} ${String(field)}` : `${kind} ${String(key)}`;
  const values = alternatives(right);
  if (op !== '==' || !values)
    return `has no counterpart to ${name} ${op === '==' ? 'from a set' : String(op)}`;
  return readers[name]?.(values) ?? `has no counterpart to ${name} ${JSON.stringify(right)}`;
}

/** What stands on the right, one by one; a set by name may change at any time. */
function alternatives(right: unknown): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return undefined;
  const { set } = (typeof right === 'object' && right !== null ? right : {}) as { set?: readonly unknown[] };
  return set ?? [right];
}

type MatchReader = (values: readonly unknown[]) => Match | undefined;

const families: Readonly<Record<string, Family>> = { ipv4: 4, ipv6: 6 };

const readers: Readonly<Record<string, MatchReader>> = {
  'ip daddr': addresses('targets', 4),
  'ip saddr': addresses('sources', 4),
  'ip6 daddr': addresses('targets', 6),
  'ip6 saddr': addresses('sources', 6),
  'ip protocol': transports([4]),
  'ip6 nexthdr': transports([6]),
  'meta l4proto': transports(bothFamilies),
  'meta iifname': interfaces,
  'meta iif': interfaces,
  'meta nfproto': (values) => {
    const known = all(values, (value) => families[String(value)]);
    return known && { families: known };
  },
  ...Object.fromEntries(
    [...protocols, undefined].flatMap((protocol) => [
      [`${protocol ?? 'th'} dport`, ports('targetPorts', protocol)],
      [`${protocol ?? 'th'} sport`, ports('sourcePorts', protocol)],
    ]),
  ),
};

function addresses(side: 'targets' | 'sources', family: Family): MatchReader {
  return (values) => {
    const prefixes = all(values, asPrefix);
    return prefixes && { families: [family], [side]: prefixes };
  };
}

function asPrefix(value: unknown): Prefix | undefined {
  if (typeof value === 'string') return parsePrefix(value);
  const { prefix } = (value ?? {}) as { prefix?: { addr: string; len: number } };
  return prefix && parsePrefix(`${prefix.addr}/${prefix.len}`);
}

function transports(only: readonly Family[]): MatchReader {
  return (values) => {
    const known = all(values, (value): Protocol | undefined => protocols.find((one) => one === value));
    return known && { families: only, protocols: known };
  };
}

function interfaces(values: readonly unknown[]): Match | undefined {
  const names = all(values, (value) =>
    typeof value === 'string' && !value.endsWith('*') ? value : undefined,
  );
  return names && { families: bothFamilies, interfaces: names };
}

function ports(side: 'targetPorts' | 'sourcePorts', protocol: Protocol | undefined): MatchReader {
  return (values) => {
    const ranges = all(values, asRange);
    return ranges && { families: bothFamilies, ...(protocol && { protocols: [protocol] }), [side]: ranges };
  };
}

function asRange(value: unknown): PortRange | undefined {
  const { range = [value, value] } = (typeof value === 'object' ? (value ?? {}) : {}) as {
    range?: readonly unknown[];
  };
  const [first, last] = range.map((port) => parsePort(String(port)));
  return first === undefined || last === undefined ? undefined : { first, last };
}

function all<T>(
  values: readonly unknown[],
  read: (value: unknown) => T | undefined,
): readonly T[] | undefined {
  const known = values.map(read).filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}
