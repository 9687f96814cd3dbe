/** What the values of flags mean: one reader per flag, from text to settings or to an error text. */

import {
  type Address,
  addressToBytes,
  type Family,
  ipv4ToNumber,
  type Port,
  parseIpv4,
  parseIpv6,
} from '../ipvs/address.ts';
import {
  type ForwardingMethod,
  maxMark,
  maxThreshold,
  maxWeight,
  type Protocol,
  type ServiceKey,
  serviceFamily,
  type TunnelChecksum,
  type TunnelType,
  tunnelTypes,
} from '../ipvs/service.ts';
import { maxSyncLength, type SyncDaemonRequest, type SyncRole, syncRoles } from '../ipvs/sync-daemon.ts';
import { maxTimeoutSeconds } from '../ipvs/timeouts.ts';
import { parseEndpoint, parseHost } from './address-grammar.ts';
import type { Names } from './names.ts';
import { parseNumber } from './numbers.ts';
import type { FlagName } from './options.ts';

/** What the flags read so far have said. */
export type Settings = {
  readonly service?: ServiceKey;
  readonly realServer?: { readonly address: Address; readonly port: Port };
  readonly scheduler?: string;
  /** The scheduler flags' names as given. */
  readonly flagNames?: readonly string[];
  readonly persistent?: number;
  /** As in ServiceSettings. */
  readonly netmask?: number;
  readonly engine?: string;
  readonly onePacket?: true;
  readonly method?: ForwardingMethod;
  readonly weight?: number;
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
  readonly tunnelType?: TunnelType;
  readonly tunnelPort?: Port;
  readonly checksum?: TunnelChecksum;
  readonly syncRole?: SyncRole;
  readonly sync?: Partial<SyncDaemonRequest>;
};

/** Settings to add, or an error text. `value` is `undefined` where the flag had none. */
export type Reader = (
  value: string | undefined,
  soFar: Settings,
  names: Names,
) => Settings | string | Promise<Settings | string>;

/** The man page says 300. */
const defaultPersistence = 360;

/** Flags without a row take no value, or any. */
export const readers: Readonly<Partial<Record<FlagName, Reader>>> = {
  'tcp-service': service('tcp'),
  'udp-service': service('udp'),
  'sctp-service': service('sctp'),
  'fwmark-service': (value = '') => {
    const mark = parseNumber(value, 1, maxMark);
    if (mark === undefined) return `invalid fwmark value \`${value}' specified`;
    return { service: { kind: 'mark', mark, family: 4 } };
  },
  ipv6: (_, { service }) => {
    // The real tool adds an empty line to this one.
    if (service?.kind !== 'mark') return '-6 used before -f\n';
    return { service: { ...service, family: 6 }, netmask: 128 };
  },
  // IPVS keeps 15 characters of a name; an empty one is as good as none.
  scheduler: (value = '') => (value === '' ? {} : { scheduler: value.slice(0, 15) }),
  persistent: (value) => {
    if (value === undefined) return { persistent: defaultPersistence };
    return timeoutError([value]) ?? { persistent: Number(value) };
  },
  netmask: async (value = '', { service }, names) => {
    if (service && serviceFamily(service) === 6) return prefixLength(value);
    const mask = await parseHost(value, names);
    if (mask === undefined) return 'illegal virtual server persistent mask specified';
    return { netmask: ipv4ToNumber(mask) };
  },
  pe: (value = '') => (value === '' ? {} : { engine: value.slice(0, 15) }),
  ops: () => ({ onePacket: true }),
  // Which there are depends on the scheduler, which may come later.
  'sched-flags': (value = '') => ({ flagNames: value.split(',').filter((name) => name !== '') }),
  'real-server': async (value = '', { service }, names) => {
    const endpoint = await parseEndpoint(value, service && portProtocol(service), names);
    if (!endpoint) return 'illegal real server address[:port] specified';
    const inherited = service?.kind === 'address' ? service.port : (0 as Port);
    return { realServer: { address: endpoint.address, port: endpoint.port ?? inherited } };
  },
  ipip: () => ({ method: 'ipip' }),
  masquerading: () => ({ method: 'masq' }),
  weight: number(0, maxWeight, 'illegal weight specified', (weight) => ({ weight })),
  'u-threshold': number(0, maxThreshold, 'illegal u_threshold specified', (upperThreshold) => ({
    upperThreshold,
  })),
  'l-threshold': number(0, maxThreshold, 'illegal l_threshold specified', (lowerThreshold) => ({
    lowerThreshold,
  })),
  'tun-type': (value = '') => {
    const tunnelType = tunnelTypes.find((known) => known === value);
    return tunnelType ? { tunnelType } : 'illegal tunnel type specified';
  },
  'tun-port': number(1, 0xffff, 'illegal tunnel port specified', (port) => ({ tunnelPort: port as Port })),
  'tun-nocsum': () => ({ checksum: 'nocsum' }),
  'tun-csum': () => ({ checksum: 'csum' }),
  'tun-remcsum': () => ({ checksum: 'remcsum' }),
  syncid: syncNumber(0, 255, 'illegal syncid specified', (syncId) => ({ syncId })),
  'sync-maxlen': syncNumber(1, maxSyncLength, 'illegal sync-maxlen specified', (maxLength) => ({
    maxLength,
  })),
  // The kernel keeps 15 characters of a name.
  'mcast-interface': (value = '', soFar) => withSync(soFar, { interface: value.slice(0, 15) }),
  'mcast-group': (value = '', soFar) => {
    const family = value.includes(':') ? 6 : 4;
    const group = multicastGroup(value, family);
    return group ? withSync(soFar, { group }) : `invalid IPv${family} mcast-group \`${value}'`;
  },
  'mcast-port': syncNumber(1, 0xffff, 'illegal mcast-port specified', (port) => ({ port: port as Port })),
  'mcast-ttl': syncNumber(1, 255, 'illegal mcast-ttl specified', (ttl) => ({ ttl })),
  'start-daemon': syncRole('illegal start-daemon parameter specified'),
  'stop-daemon': syncRole('illegal start_daemon specified'),
};

/** The error of the first of some times in seconds that is none; `min` is what `--set` allows below 1. */
export function timeoutError(values: readonly string[], min: 0 | 1 = 1): string | undefined {
  const bad = values.find((value) => parseNumber(value, min, maxTimeoutSeconds) === undefined);
  return bad === undefined ? undefined : `invalid timeout value \`${bad}' specified`;
}

function service(protocol: Protocol): Reader {
  return async (value = '', _soFar, names) => {
    const endpoint = await parseEndpoint(value, protocol, names);
    if (!endpoint) return 'illegal virtual server address[:port] specified';
    const { address, port = 0 as Port } = endpoint;
    const service = { kind: 'address', protocol, address, port } as const;
    // A mask that was given before is one of IPv4.
    return serviceFamily(service) === 6 ? { service, netmask: 128 } : { service };
  };
}

/** The protocol that names of ports are looked up by. */
function portProtocol(service: ServiceKey): Protocol {
  return service.kind === 'mark' ? 'tcp' : service.protocol;
}

/** atoi(3): whatever stands behind the digits is not read, and of the number only 32 bits. */
function prefixLength(value: string): Settings | string {
  const length = Number.parseInt(value, 10) | 0;
  return length >= 1 && length <= 128 ? { netmask: length } : 'illegal ipv6 netmask specified';
}

function number(
  min: number,
  max: number,
  error: string,
  meaning: (value: number, soFar: Settings) => Settings,
): Reader {
  return (text = '', soFar) => {
    const value = parseNumber(text, min, max);
    return value === undefined ? error : meaning(value, soFar);
  };
}

/** The same for a number about a sync daemon. */
function syncNumber(
  min: number,
  max: number,
  error: string,
  meaning: (value: number) => Partial<SyncDaemonRequest>,
): Reader {
  return number(min, max, error, (value, soFar) => withSync(soFar, meaning(value)));
}

function withSync({ sync }: Settings, part: Partial<SyncDaemonRequest>): Settings {
  return { sync: { ...sync, ...part } };
}

function multicastGroup(text: string, family: Family): Address | undefined {
  const address = family === 6 ? parseIpv6(text) : parseIpv4(text);
  const [first = 0] = address === undefined ? [] : addressToBytes(address);
  return (family === 6 ? first === 0xff : first >>> 4 === 0xe) ? address : undefined;
}

function syncRole(error: string): Reader {
  return (value) => {
    const role = syncRoles.find((known) => known === value);
    return role ? { syncRole: role } : error;
  };
}
