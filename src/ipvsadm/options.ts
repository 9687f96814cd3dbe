/**
 * ipvsadm's grammar as tables: every flag of ipvsadm 1.31 (ipvsadm(8)) is one row, and `legality` says
 * which option goes with which command. Adding an option is a row here and, if it takes a value, a reader
 * in readers.ts.
 */

import type { TunnelType } from '../ipvs/service.ts';

/** Options by the names ipvsadm's error texts use, in the order in which it checks them. */
export const optionNames = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'mcast-interface',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'ops',
  'pe',
  'sched-flags',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sync-maxlen',
  'tun-info',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const;

export type OptionName = (typeof optionNames)[number];

/** Those that describe a tunnel. */
export const tunnelOptions = [
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const satisfies readonly OptionName[];

/** Commands by the names ipvsadm's error texts use; `-C` is "flush" there. */
export type CommandName =
  | 'add-service'
  | 'edit-service'
  | 'delete-service'
  | 'flush'
  | 'list'
  | 'add-server'
  | 'edit-server'
  | 'delete-server'
  | 'zero'
  | 'restore'
  | 'save'
  | 'set'
  | 'start-daemon'
  | 'stop-daemon'
  | 'help'
  | 'version';

/** One flag. `option` is absent for the two that ipvsadm neither checks nor counts (`-6`, `--sort`). */
export type Flag = {
  readonly long: string;
  readonly short?: string;
  /** Whether a value follows: always, or only if the next word does not look like an option. */
  readonly argument?: 'required' | 'optional';
  readonly command?: CommandName;
  readonly option?: OptionName;
};

const rows = [
  { long: 'add-service', short: 'A', command: 'add-service' },
  { long: 'edit-service', short: 'E', command: 'edit-service' },
  { long: 'delete-service', short: 'D', command: 'delete-service' },
  { long: 'clear', short: 'C', command: 'flush' },
  { long: 'list', short: 'L', command: 'list' },
  { long: 'list', short: 'l', command: 'list' },
  { long: 'add-server', short: 'a', command: 'add-server' },
  { long: 'edit-server', short: 'e', command: 'edit-server' },
  { long: 'delete-server', short: 'd', command: 'delete-server' },
  { long: 'zero', short: 'Z', command: 'zero' },
  { long: 'restore', short: 'R', command: 'restore' },
  { long: 'save', short: 'S', command: 'save' },
  { long: 'set', command: 'set' },
  { long: 'start-daemon', command: 'start-daemon', argument: 'required' },
  { long: 'stop-daemon', command: 'stop-daemon', argument: 'required' },
  { long: 'help', short: 'h', command: 'help' },
  { long: 'version', short: 'v', command: 'version' },

  { long: 'tcp-service', short: 't', option: 'service-address', argument: 'required' },
  { long: 'udp-service', short: 'u', option: 'service-address', argument: 'required' },
  { long: 'sctp-service', option: 'service-address', argument: 'required' },
  { long: 'fwmark-service', short: 'f', option: 'service-address', argument: 'required' },
  { long: 'ipv6', short: '6' },
  { long: 'scheduler', short: 's', option: 'scheduler', argument: 'required' },
  { long: 'persistent', short: 'p', option: 'persistent', argument: 'optional' },
  { long: 'netmask', short: 'M', option: 'netmask', argument: 'required' },
  { long: 'pe', option: 'pe', argument: 'required' },
  { long: 'sched-flags', short: 'b', option: 'sched-flags', argument: 'required' },
  { long: 'ops', short: 'o', option: 'ops' },

  { long: 'real-server', short: 'r', option: 'real-server', argument: 'required' },
  { long: 'gatewaying', short: 'g', option: 'forwarding-method' },
  { long: 'ipip', short: 'i', option: 'forwarding-method' },
  { long: 'masquerading', short: 'm', option: 'forwarding-method' },
  { long: 'weight', short: 'w', option: 'weight', argument: 'required' },
  { long: 'u-threshold', short: 'x', option: 'u-threshold', argument: 'required' },
  { long: 'l-threshold', short: 'y', option: 'l-threshold', argument: 'required' },
  { long: 'tun-type', option: 'tun-type', argument: 'required' },
  { long: 'tun-port', option: 'tun-port', argument: 'required' },
  { long: 'tun-nocsum', option: 'tun-nocsum' },
  { long: 'tun-csum', option: 'tun-csum' },
  { long: 'tun-remcsum', option: 'tun-remcsum' },

  { long: 'numeric', short: 'n', option: 'numeric' },
  { long: 'connection', short: 'c', option: 'connection' },
  { long: 'exact', short: 'X', option: 'exact' },
  { long: 'stats', option: 'stats' },
  { long: 'rate', option: 'rate' },
  { long: 'thresholds', option: 'thresholds' },
  { long: 'persistent-conn', option: 'persistent-conn' },
  { long: 'tun-info', option: 'tun-info' },
  { long: 'timeout', option: 'timeout' },
  { long: 'daemon', option: 'daemon' },
  { long: 'nosort', option: 'nosort' },
  { long: 'sort' },

  { long: 'syncid', option: 'syncid', argument: 'required' },
  { long: 'sync-maxlen', option: 'sync-maxlen', argument: 'required' },
  { long: 'mcast-interface', option: 'mcast-interface', argument: 'required' },
  { long: 'mcast-group', option: 'mcast-group', argument: 'required' },
  { long: 'mcast-port', option: 'mcast-port', argument: 'required' },
  { long: 'mcast-ttl', option: 'mcast-ttl', argument: 'required' },
] as const satisfies readonly Flag[];

export type FlagName = (typeof rows)[number]['long'];
export type KnownFlag = Flag & { readonly long: FlagName };

/** Every flag there is. */
export const flags: readonly KnownFlag[] = rows;

/** What a command (or a type of tunnel) needs, what it takes besides, and of which options it takes at most one. */
export type Legality = {
  readonly required?: readonly OptionName[];
  readonly allowed?: readonly OptionName[];
  readonly exclusive?: readonly OptionName[];
};

const service = {
  required: ['service-address'],
  allowed: ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'],
} as const satisfies Legality;

const server = {
  required: ['service-address', 'real-server'],
  allowed: ['forwarding-method', 'weight', 'u-threshold', 'l-threshold', ...tunnelOptions],
} as const satisfies Legality;

/** The matrix option × command. `help` and `version` end the parsing and need no row. */
export const legality: Readonly<Record<Exclude<CommandName, 'help' | 'version'>, Legality>> = {
  'add-service': service,
  'edit-service': service,
  'delete-service': { required: ['service-address'] },
  flush: {},
  list: {
    allowed: [
      'numeric',
      'stats',
      'rate',
      'thresholds',
      'persistent-conn',
      'nosort',
      'syncid',
      'exact',
      'tun-info',
    ],
    exclusive: ['connection', 'service-address', 'timeout', 'daemon'],
  },
  'add-server': server,
  'edit-server': server,
  'delete-server': { required: ['service-address', 'real-server'] },
  zero: { allowed: ['service-address'] },
  restore: {},
  save: { allowed: ['numeric'] },
  set: {},
  'start-daemon': {
    allowed: ['mcast-interface', 'syncid', 'mcast-group', 'mcast-port', 'mcast-ttl', 'sync-maxlen'],
  },
  'stop-daemon': { allowed: ['syncid'] },
};

/** The matrix option × type of tunnel. */
export const tunnelLegality: Readonly<Record<TunnelType, Legality>> = {
  ipip: { allowed: ['tun-type'] },
  gue: {
    required: ['tun-port'],
    allowed: ['tun-type'],
    exclusive: ['tun-nocsum', 'tun-csum', 'tun-remcsum'],
  },
  gre: { allowed: ['tun-type'], exclusive: ['tun-nocsum', 'tun-csum'] },
};
