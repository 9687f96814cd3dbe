/**
 * From a topology to the commands that build it. Pure.
 *
 * Every namespace is `fl-<id>-<name>`. A veth pair is created with both ends in their namespaces at once, so
 * that the machine's own namespace never sees an interface of a lab.
 */

import type { Host, Interface, Topology } from './topology.ts';

/** A program with its arguments, and what it reads. */
export type Command = { readonly argv: readonly string[]; readonly stdin?: string };

/** Stages run one after the other; the commands of a stage run side by side. */
export type Plan = readonly (readonly Command[])[];

/** `fl-k3f9a-server1`: the namespace of a host or segment. */
function namespaceName(id: string, name: string): string {
  return `${namespacePrefix(id)}${name}`;
}

/** What the names of all namespaces of a lab begin with. */
export function namespacePrefix(id: string): string {
  return `fl-${id}-`;
}

/** The commands that build `topology` under the run's `id`. The topology must be without faults. */
export function buildPlan(id: string, topology: Topology): Plan {
  const hosts = Object.entries(topology.hosts);
  const names = [...topology.segments, ...hosts.map(([name]) => name)];
  return [
    [
      batch(
        [],
        names.map((name) => `netns add ${namespaceName(id, name)}`),
      ),
    ],
    topology.segments.map((segment) =>
      batch(['-n', namespaceName(id, segment)], wire(id, topology, segment)),
    ),
    hosts.map(([name, host]) => ({
      argv: inNamespace(id, name, ['busybox', 'sysctl', '-w', ...settings(host)]),
    })),
    hosts.map(([name, host]) => batch(['-n', namespaceName(id, name)], configure(host))),
  ];
}

/** `argv` as a command inside the namespace of a host or segment. */
export function inNamespace(id: string, name: string, argv: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', namespaceName(id, name), ...argv];
}

/**
 * 02:00 and the four octets of the first address: 172.25.138.3 is 02:00:ac:19:8a:03. A reader of an ARP
 * table sees at once whose entry it is, and the MACs are the same in every run.
 */
export function macOf(address: string): string {
  const octets = (address.split('/')[0] ?? '').split('.').map(Number);
  return ['02', '00', ...octets.map((octet) => octet.toString(16).padStart(2, '0'))].join(':');
}

function batch(options: readonly string[], lines: readonly string[]): Command {
  return { argv: ['ip', ...options, '-batch', '-'], stdin: `${lines.join('\n')}\n` };
}

/** The bridge, and a veth pair for each interface on the segment. Without STP a port forwards at once. */
function wire(id: string, topology: Topology, segment: string): readonly string[] {
  const pairs = Object.entries(topology.hosts).flatMap(([host, { interfaces }]) =>
    Object.entries(interfaces)
      .filter(([, { segment: plugged }]) => plugged === segment)
      .flatMap(([device, { addresses }]) => {
        const mac = addresses[0] === undefined ? '' : ` address ${macOf(addresses[0])}`;
        const port = `${host}-${device}`;
        return [
          `link add ${port} type veth peer name ${device}${mac} netns ${namespaceName(id, host)}`,
          `link set dev ${port} master ${segment} up`,
        ];
      }),
  );
  return [
    `link add ${segment} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set dev ${segment} up`,
    ...pairs,
  ];
}

function configure({ interfaces, routes = [] }: Host): readonly string[] {
  const device = ([name, { addresses }]: [string, Interface]) => [
    ...addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    `link set dev ${name} up`,
  ];
  return [
    'link set dev lo up',
    ...Object.entries(interfaces).flatMap(device),
    ...routes.map((route) => `route add ${route}`),
  ];
}

/**
 * A new namespace inherits the machine's IPv4 settings (net.core.devconf_inherit_init_net), and a machine
 * that is itself a real server has arp_ignore set: so every host starts from the kernel's defaults.
 */
function settings({ interfaces, sysctls = {} }: Host): readonly string[] {
  const addresses = Object.values(interfaces).flatMap((device) => device.addresses);
  const defaults = ['arp_ignore', 'arp_announce', 'arp_filter', 'arp_notify', 'arp_accept', 'rp_filter'];
  const scopes = ['all', 'default', 'lo', ...Object.keys(interfaces)];
  return [
    'net.ipv4.ip_forward=0',
    ...scopes.flatMap((scope) => defaults.map((name) => `net.ipv4.conf.${scope}.${name}=0`)),
    ...(addresses.some((address) => address.includes(':')) ? ipv6Settings(Object.keys(interfaces)) : []),
    ...Object.entries(sysctls).map(([name, value]) => `${name}=${value}`),
  ];
}

/** Addresses are usable at once, also the link-local ones, and nobody learns routes from advertisements. */
function ipv6Settings(devices: readonly string[]): readonly string[] {
  const values = ['disable_ipv6=0', 'accept_dad=0', 'accept_ra=0', 'forwarding=0'];
  return ['all', 'default', ...devices].flatMap((scope) =>
    values.map((value) => `net.ipv6.conf.${scope}.${value}`),
  );
}
