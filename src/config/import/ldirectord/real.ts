/** A line `real = 10.0.0.1->10.0.0.4:80 gate 2 "request", "receive" l:10 u:20`. */

import { type Ipv4, ipv4FromNumber, ipv4ToNumber, parseAddress, parseIpv4 } from '../../../ipvs/address.ts';
import type { ForwardingMethod } from '../../../ipvs/service.ts';
import type { Say } from '../imported.ts';
import type { Asked } from './check.ts';
import type { Setting } from './syntax.ts';

export type Real = Asked & {
  readonly addresses: readonly string[];
  readonly port?: string;
  readonly method: ForwardingMethod;
  readonly weight?: number;
  readonly upper?: number;
  readonly lower?: number;
};

const longestRange = 4096;

/** `undefined` where the address is none, which has been said. */
export function readReal({ value, line }: Setting, say: Say): Real | undefined {
  const [target = '', ...words] = value.match(/"[^"]*"|[^\s,]+/g) ?? [];
  const { hosts, port } = partsOf(target);
  const addresses = rangeOf(hosts);
  if (addresses.length === 0) {
    say(line, `${target} is no address: names are not looked up`);
    return undefined;
  }
  const quoted = words.filter((word) => word.startsWith('"')).map((word) => word.slice(1, -1));
  const plain = words.filter((word) => !word.startsWith('"'));
  const [request, receive] = quoted;
  const method = plain.find((word): word is ForwardingMethod => /^(gate|masq|ipip)$/.test(word)) ?? 'gate';
  const weight = plain.find((word) => /^\d+$/.test(word));
  const limit = (letter: string) => plain.find((word) => word.startsWith(`${letter}:`))?.slice(2);
  const [upper, lower] = [limit('u'), limit('l')];
  return {
    addresses,
    method,
    ...(port !== undefined && { port }),
    ...(weight !== undefined && { weight: Number(weight) }),
    ...(upper !== undefined && { upper: Number(upper) }),
    ...(lower !== undefined && { lower: Number(lower) }),
    ...(request !== undefined && { request }),
    ...(receive !== undefined && { receive }),
  };
}

/** `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80`, with `->` to the last of a range. */
export function partsOf(text: string): { readonly hosts: readonly string[]; readonly port?: string } {
  const [, bracketed, rest] = /^\[([^\]]+)\](?::(\w+))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return { hosts: [bracketed], ...(rest !== undefined && { port: rest }) };
  const [, hosts = text, port] = /^(.*?)(?::(\w+))?$/.exec(text) ?? [];
  if (parseAddress(text)?.includes(':')) return { hosts: [text] };
  return { hosts: hosts.split('->'), ...(port !== undefined && { port }) };
}

function rangeOf([start = '', end]: readonly string[]): readonly string[] {
  const first = parseAddress(start);
  if (first === undefined) return [];
  const [from, to] = [parseIpv4(start), end === undefined ? undefined : parseIpv4(end)];
  if (from === undefined || to === undefined) return end === undefined ? [first] : [];
  const count = ipv4ToNumber(to) - ipv4ToNumber(from as Ipv4) + 1;
  if (count < 1 || count > longestRange) return [];
  return Array.from({ length: count }, (_, index) => ipv4FromNumber(ipv4ToNumber(from) + index));
}
