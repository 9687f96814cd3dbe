/** The ipvsadm command lines of the recordings, carried out on a data plane. */

import { type Address, type Family, type Port, parseAddress, parseEndpoint } from '../../../ipvs/address.ts';
import type { Scheduler, SchedulerFlag } from '../../../ipvs/schedulers.ts';
import {
  type Destination,
  type DestinationKey,
  fullNetmask,
  type Protocol,
  type Service,
  type ServiceKey,
  serviceFamily,
  type TunnelChecksum,
  type TunnelType,
} from '../../../ipvs/service.ts';
import { changedTimeouts } from '../../../ipvs/timeouts.ts';
import type { DataPlane } from '../../dataplane.ts';

export function ipvsadm(plane: DataPlane, line: string): void {
  const [command = '', ...words] = line.replace(/^ipvsadm /, '').split(' ');
  if (command === '--set') setTimeouts(plane, words.map(Number));
  else if (command === '-C') plane.removeAllServices();
  else change(plane, command, optionsOf(words));
}

function change(plane: DataPlane, command: string, options: Options): void {
  const key = serviceKeyOf(options);
  if (command === '-A') plane.addService(serviceOf(key, options));
  else if (command === '-E') plane.editService(serviceOf(key, options));
  else if (command === '-D') plane.removeService(key);
  else if (command === '-a') plane.addDestination(key, destinationOf(key, options));
  else if (command === '-e') plane.editDestination(key, destinationOf(key, options));
  else if (command === '-d') plane.removeDestination(key, destinationKeyOf(key, options, true));
  else throw new Error(`ipvsadm ${command}`);
}

type Options = ReadonlyMap<string, string>;

const withoutValue = new Set(['-g', '-i', '-m', '-o', '-6', '--tun-nocsum', '--tun-csum', '--tun-remcsum']);

/** By name; an option without value has an empty one. */
function optionsOf(words: readonly string[]): Options {
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const name = words[at] ?? '';
    const next = words[at + 1];
    const hasValue = !withoutValue.has(name) && next !== undefined && !next.startsWith('-');
    options.set(name, hasValue ? next : '');
    if (hasValue) at++;
  }
  return options;
}

const protocolOptions: Readonly<Record<string, Protocol>> = {
  '-t': 'tcp',
  '-u': 'udp',
  '--sctp-service': 'sctp',
};

function serviceKeyOf(options: Options): ServiceKey {
  const mark = options.get('-f');
  if (mark !== undefined) return { kind: 'mark', mark: Number(mark), family: options.has('-6') ? 6 : 4 };
  for (const [option, protocol] of Object.entries(protocolOptions)) {
    const text = options.get(option);
    if (text !== undefined) return { kind: 'address', protocol, ...endpointOf(text) };
  }
  throw new Error('no service');
}

function endpointOf(text: string): { readonly address: Address; readonly port: Port } {
  const address = parseAddress(text);
  const endpoint = address ? { address, port: 0 as Port } : parseEndpoint(text);
  if (!endpoint) throw new Error(text);
  return endpoint;
}

function serviceOf(key: ServiceKey, options: Options): Service {
  const persistent = options.get('-p');
  const mask = options.get('-M');
  return {
    ...key,
    scheduler: (options.get('-s') ?? 'wlc') as Scheduler,
    flags: flagsOf(options.get('-b')),
    persistent: persistent === undefined ? 0 : Number(persistent || 360),
    netmask: mask === undefined ? fullNetmask(serviceFamily(key)) : netmaskOf(mask, serviceFamily(key)),
    onePacket: options.has('-o'),
    ...(options.has('--pe') && { engine: 'sip' as const }),
  };
}

/** `sh-port`, `mh-fallback`, `flag-1` */
function flagsOf(text: string | undefined): readonly SchedulerFlag[] {
  return (text ? text.split(',') : []).map((name) =>
    name.endsWith('-fallback') ? 'flag-1' : name.endsWith('-port') ? 'flag-2' : (name as SchedulerFlag),
  );
}

function netmaskOf(text: string, family: Family): number {
  if (family === 6) return Number(text);
  return text.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** A new real server of a service by address that is not masqueraded has the service's port, whatever is said. */
function destinationKeyOf(key: ServiceKey, options: Options, keepsPort = options.has('-m')): DestinationKey {
  const { address, port } = endpointOf(options.get('-r') ?? '');
  if (key.kind === 'mark') return { address, port };
  return { address, port: keepsPort && port !== 0 ? port : key.port };
}

function destinationOf(key: ServiceKey, options: Options): Destination {
  const numberOf = (name: string, fallback: number): number => Number(options.get(name) ?? fallback);
  const settings = {
    ...destinationKeyOf(key, options),
    weight: numberOf('-w', 1),
    upperThreshold: numberOf('-x', 0),
    lowerThreshold: numberOf('-y', 0),
  };
  if (options.has('-m')) return { ...settings, method: 'masq' };
  if (!options.has('-i')) return { ...settings, method: 'gate' };
  const checksums: readonly TunnelChecksum[] = ['nocsum', 'csum', 'remcsum'];
  const checksum = checksums.find((name) => options.has(`--tun-${name}`)) ?? 'nocsum';
  const type = (options.get('--tun-type') ?? 'ipip') as TunnelType;
  return { ...settings, method: 'ipip', tunnel: { type, port: numberOf('--tun-port', 0), checksum } };
}

function setTimeouts(plane: DataPlane, [tcp = 0, tcpFin = 0, udp = 0]: readonly number[]): void {
  plane.setTimeouts(changedTimeouts(plane.timeouts(), { tcp, tcpFin, udp }));
}
