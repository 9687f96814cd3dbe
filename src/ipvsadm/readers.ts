/** What the values of flags mean: one reader per flag, from text to settings or to an error text. */

import type { Ipv4, Port } from '../ipvs/address.ts';
import { maxWeight, type Protocol, type ServiceKey } from '../ipvs/service.ts';
import { maxTimeoutSeconds } from '../ipvs/timeouts.ts';
import { parseEndpoint } from './address-grammar.ts';
import { isFlagName } from './flag-names.ts';
import type { Names } from './names.ts';
import { parseNumber } from './numbers.ts';
import type { FlagName } from './options.ts';

/** What the flags read so far have said. */
export type Settings = {
  readonly service?: ServiceKey;
  readonly fwmark?: number;
  /** Port 0 stands for "none given". */
  readonly realServer?: { readonly address: Ipv4; readonly port: Port };
  /** An address was IPv6. */
  readonly ipv6Address?: true;
  readonly scheduler?: string;
  /** The flags' names as given. */
  readonly flagNames?: readonly string[];
  readonly weight?: number;
};

/** Settings to add, or an error text. `value` is `undefined` where the flag had none. */
export type Reader = (
  value: string | undefined,
  soFar: Settings,
  names: Names,
) => Settings | string | Promise<Settings | string>;

/** Flags without a row take no value, or any. */
export const readers: Readonly<Partial<Record<FlagName, Reader>>> = {
  'tcp-service': service('tcp'),
  'udp-service': service('udp'),
  'fwmark-service': (value = '') => {
    const fwmark = parseNumber(value, 1, 0xffffffff);
    return fwmark === undefined ? `invalid fwmark value \`${value}' specified` : { fwmark };
  },
  // The real tool adds an empty line to this one.
  ipv6: (_, { fwmark }) => (fwmark === undefined ? '-6 used before -f\n' : {}),
  // IPVS keeps 15 characters of a name; an empty one is as good as none.
  scheduler: (value = '') => (value === '' ? {} : { scheduler: value.slice(0, 15) }),
  persistent: (value) => (value === undefined ? {} : (timeoutError([value]) ?? {})),
  'sched-flags': (value = '') => {
    const flagNames = value.split(',').filter((name) => name !== '');
    const bad = flagNames.find((name) => !isFlagName(name));
    return bad === undefined ? { flagNames } : `invalid scheduler flag \`${bad}'`;
  },
  'real-server': async (value = '', { service }, names) => {
    const endpoint = await parseEndpoint(value, service?.protocol, names);
    if (endpoint.kind === 'illegal') return 'illegal real server address[:port] specified';
    if (endpoint.kind === 'ipv6') return { ipv6Address: true };
    return { realServer: { address: endpoint.address, port: endpoint.port } };
  },
  weight: (value = '') => {
    const weight = parseNumber(value, 0, maxWeight);
    return weight === undefined ? 'illegal weight specified' : { weight };
  },
  'u-threshold': numberWithin(0, 0x7fffffff, 'illegal u_threshold specified'),
  'l-threshold': numberWithin(0, 0x7fffffff, 'illegal l_threshold specified'),
  'tun-type': oneOf(['ipip', 'gue', 'gre'], 'illegal tunnel type specified'),
  'tun-port': numberWithin(1, 0xffff, 'illegal tunnel port specified'),
  syncid: numberWithin(0, 255, 'illegal syncid specified'),
  'sync-maxlen': numberWithin(1, 65507, 'illegal sync-maxlen specified'),
  'mcast-port': numberWithin(1, 0xffff, 'illegal mcast-port specified'),
  'mcast-ttl': numberWithin(1, 255, 'illegal mcast-ttl specified'),
  'start-daemon': oneOf(['master', 'backup'], 'illegal start-daemon parameter specified'),
  'stop-daemon': oneOf(['master', 'backup'], 'illegal start_daemon specified'),
};

/** The error of the first of some times in seconds that is none; `min` is what `--set` allows below 1. */
export function timeoutError(values: readonly string[], min: 0 | 1 = 1): string | undefined {
  const bad = values.find((value) => parseNumber(value, min, maxTimeoutSeconds) === undefined);
  return bad === undefined ? undefined : `invalid timeout value \`${bad}' specified`;
}

function service(protocol: Protocol): Reader {
  return async (value = '', _soFar, names) => {
    const endpoint = await parseEndpoint(value, protocol, names);
    if (endpoint.kind === 'illegal') return 'illegal virtual server address[:port] specified';
    if (endpoint.kind === 'ipv6') return { ipv6Address: true };
    return { service: { protocol, address: endpoint.address, port: endpoint.port } };
  };
}

function numberWithin(min: number, max: number, error: string): Reader {
  return (value = '') => (parseNumber(value, min, max) === undefined ? error : {});
}

function oneOf(words: readonly string[], error: string): Reader {
  return (value = '') => (words.includes(value) ? {} : error);
}
