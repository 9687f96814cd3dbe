/** Which connections somebody wants to see, as the API has it in its query and `fairlead conns` in its options. */

import { type Address, familyOf, type Ipv4, ipv4ToNumber, parseAddress, parseEndpoint } from './address.ts';
import { type ConnectionState, type ConnectionStatus, sctpStates, tcpStates } from './connection.ts';
import { type Prefix, parsePrefix, prefixOf } from './prefix.ts';
import { type Protocol, protocols } from './service.ts';

/** `templates`: `only` or `none`; with neither, connections and templates. Of several conditions all must hold. */
export const filterNames = ['protocol', 'virtual', 'port', 'client', 'server', 'state', 'templates'] as const;
export type FilterName = (typeof filterNames)[number];
export type FilterWords = Readonly<Partial<Record<FilterName, string>>>;

type Condition = (connection: ConnectionStatus) => boolean;

const states: readonly ConnectionState[] = [
  ...new Set([...tcpStates, ...sctpStates, 'UDP', 'ASSURED'] as const),
];

const meanings: Readonly<Record<FilterName, (text: string) => Condition | undefined>> = {
  protocol: (text) => {
    const wanted = protocols.find((known) => known === text);
    return wanted && (({ protocol }) => protocol === (wanted satisfies Protocol));
  },
  virtual: (text) => endpointCondition(text, ({ virtual }) => virtual),
  port: (text) => {
    const wanted = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
    return wanted <= 0xffff ? ({ virtual }) => virtual.port === wanted : undefined;
  },
  client: (text) => {
    const wanted = parsePrefix(text);
    const isIn = wanted && lyingIn(wanted);
    return isIn && (({ client }) => isIn(client.address));
  },
  server: (text) => endpointCondition(text, ({ destination }) => destination),
  state: (text) => {
    const wanted = text.split(',').map((word) => states.find((known) => known === word.toUpperCase()));
    return wanted.includes(undefined) ? undefined : ({ state }) => wanted.includes(state);
  },
  templates: (text) => {
    if (text === 'only') return ({ template }) => template;
    return text === 'none' ? ({ template }) => !template : undefined;
  },
};

const expected: Readonly<Record<FilterName, string>> = {
  protocol: protocols.join(', '),
  virtual: 'an address, or an address with a port',
  port: '0 to 65535',
  client: 'an address, or a prefix such as 192.0.2.0/24',
  server: 'an address, or an address with a port',
  state: `one or several of ${states.join(', ')}, with commas between them`,
  templates: 'only or none',
};

export type ConnectionFilter =
  | { readonly fits: Condition }
  | { readonly name: FilterName; readonly expected: string };

/** The filter, or the first word that makes no sense, with what would. */
export function connectionFilter(words: FilterWords): ConnectionFilter {
  const conditions: Condition[] = [];
  for (const name of filterNames) {
    const text = words[name];
    if (text === undefined) continue;
    const condition = meanings[name](text);
    if (!condition) return { name, expected: expected[name] };
    conditions.push(condition);
  }
  return { fits: (connection) => conditions.every((condition) => condition(connection)) };
}

/** An address alone stands for all its ports. */
function endpointCondition(
  text: string,
  endpointOf: (connection: ConnectionStatus) => { readonly address: Address; readonly port: number },
): Condition | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return (connection) => endpointOf(connection).address === address;
  const wanted = parseEndpoint(text);
  return (
    wanted &&
    ((connection) => {
      const { address: found, port } = endpointOf(connection);
      return found === wanted.address && port === wanted.port;
    })
  );
}

/** IPv4 by numbers: there may be a million to be looked at. */
function lyingIn(prefix: Prefix): (address: Address) => boolean {
  const family = familyOf(prefix.address);
  if (family === 6)
    return (address) =>
      familyOf(address) === 6 && prefixOf(address, prefix.length).address === prefix.address;
  const size = 2 ** (32 - prefix.length);
  const first = ipv4ToNumber(prefix.address as Ipv4);
  return (address) => {
    if (familyOf(address) === 6) return false;
    const value = ipv4ToNumber(address as Ipv4);
    return value >= first && value < first + size;
  };
}
