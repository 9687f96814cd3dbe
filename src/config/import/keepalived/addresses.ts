/** What a virtual server of keepalived listens on: an address, a mark, or a group of both. */

import {
  endpointText,
  familyOf,
  type Ipv4,
  ipv4FromNumber,
  ipv4ToNumber,
  parseAddress,
  parsePort,
} from '../../../ipvs/address.ts';
import type { Say } from '../imported.ts';
import type { Statement } from './syntax.ts';

export type Listening = {
  readonly endpoints: readonly string[];
  readonly marks: readonly { readonly mark: number; readonly family: 4 | 6 }[];
};

export type Groups = ReadonlyMap<string, Listening>;

/** More addresses in one range are a mistake, or no work for a list. */
const longestRange = 4096;

export function groupsOf(statements: readonly Statement[], say: Say): Groups {
  return new Map(
    statements
      .filter(({ keyword }) => keyword === 'virtual_server_group')
      .map(({ words, block = [] }) => [words[0] ?? '', joined(block.map((line) => memberOf(line, say)))]),
  );
}

/** `virtual_server IP PORT`, `virtual_server fwmark N`, `virtual_server group NAME`. */
export function listeningOf({ words, line, block = [] }: Statement, groups: Groups, say: Say): Listening {
  const [first = '', second = ''] = words;
  if (first === 'group') {
    const group = groups.get(second);
    if (!group) say(line, `there is no group ${second}`);
    return group ?? nothing;
  }
  const family = block.find(({ keyword }) => keyword === 'ip_family')?.words[0];
  return memberOf({ keyword: first, words: [...words.slice(1), ...(family ? [family] : [])], line }, say);
}

const nothing: Listening = { endpoints: [], marks: [] };

function memberOf({ keyword, words, line }: Statement, say: Say): Listening {
  if (keyword === 'fwmark') {
    const family = words.includes('inet6') ? 6 : 4;
    return { endpoints: [], marks: [{ mark: Number(words[0]), family }] };
  }
  const port = parsePort(words[0] ?? '0');
  const addresses = addressesOf(keyword);
  if (addresses.length === 0 || port === undefined) {
    say(line, `${[keyword, ...words].join(' ')} is no address that is known here`);
    return nothing;
  }
  return { endpoints: addresses.map((address) => endpointText(address, port)), marks: [] };
}

/** `10.0.0.1`, `10.0.0.1-20` (the last octet goes on), `10.0.0.0/28`, `2001:db8::1`. */
function addressesOf(text: string): readonly ReturnType<typeof ipv4FromNumber>[] {
  const whole = parseAddress(text);
  if (whole !== undefined) return [whole as Ipv4];
  const [, start = '', sign = '', rest = ''] = /^(.*)([-/])(\d+)$/.exec(text) ?? [];
  const first = parseAddress(start);
  if (first === undefined || familyOf(first) !== 4) return [];
  const number = ipv4ToNumber(first as Ipv4);
  const last = sign === '-' ? number - (number % 256) + Number(rest) : number + 2 ** (32 - Number(rest)) - 1;
  const count = last - number + 1;
  if (count < 1 || count > longestRange) return [];
  return Array.from({ length: count }, (_, index) => ipv4FromNumber(number + index));
}

function joined(members: readonly Listening[]): Listening {
  return {
    endpoints: members.flatMap(({ endpoints }) => endpoints),
    marks: members.flatMap(({ marks }) => marks),
  };
}
