/**
 * What ipvsadm 1.31 can and Fairlead cannot yet. The grammar knows all of it, so mistakes read as in the
 * real tool; a command line that is right but needs one of these is refused with one line. A capability
 * arrives by deleting its row.
 */

import type { FlagName, KnownFlag } from './options.ts';

const laterCommands: readonly FlagName[] = ['save', 'restore', 'start-daemon', 'stop-daemon'];

const laterOptions: readonly FlagName[] = [
  'sctp-service',
  'fwmark-service',
  'ipv6',
  'persistent',
  'netmask',
  'pe',
  'ops',
  'ipip',
  'masquerading',
  'u-threshold',
  'l-threshold',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
  'thresholds',
  'persistent-conn',
  'tun-info',
  'daemon',
  'syncid',
];

/** The refusal of the first flag that is not there yet, or of an IPv6 address; else `undefined`. */
export function unsupportedText(used: readonly KnownFlag[], ipv6Address: boolean): string | undefined {
  const command = used.find(({ long }) => laterCommands.includes(long));
  if (command) return unsupportedCommand(command.long);
  const option = used.find(({ long }) => laterOptions.includes(long));
  if (option) return `option '${option.long}' is ${notSupported}`;
  return ipv6Address ? `an IPv6 address is ${notSupported}` : undefined;
}

/** The refusal of a command that is not there yet. */
export function unsupportedCommand(name: string): string {
  return `command '${name}' is ${notSupported}`;
}

const notSupported = 'not supported by this version of Fairlead';
