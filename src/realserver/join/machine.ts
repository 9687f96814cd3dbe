/** What a machine has answered to questions.sh. Pure. */

import { type Address, parseAddress } from '../../ipvs/address.ts';

export type Machine = {
  readonly name: string;
  readonly isRoot: boolean;
  /** Whether this is the network namespace that its init lives in, and what boots with the machine is of use. */
  readonly isOwnNamespace: boolean;
  readonly programs: ReadonlySet<string>;
  /** How Fairlead is called there, if it is there. */
  readonly fairlead: string | undefined;
  /** What of the following it lets us do. */
  readonly works: ReadonlySet<string>;
  readonly devices: readonly Device[];
  readonly addresses: readonly DeviceAddress[];
  /** The interfaces that default routes lead to. */
  readonly wayOut: ReadonlySet<string>;
  /** `net.ipv4.ip_forward`. */
  readonly forwards: boolean;
  /** Of packet filters for ARP: `-A …` as arptables-save prints them, and what nft lists of its arp family. */
  readonly arpRules: readonly string[];
  /** An IPv4 setting of an interface, or of `all`; `undefined` where there is none. */
  setting(device: string, name: string): number | undefined;
};

export type Device = {
  readonly name: string;
  readonly isUp: boolean;
  /** Whether it has neighbours that can ask it by ARP. */
  readonly isEthernet: boolean;
  readonly isDummy: boolean;
};

export type DeviceAddress = {
  readonly device: string;
  readonly address: Address;
  readonly prefixLength: number;
  readonly isGlobal: boolean;
  /** `tentative`, `dadfailed`, `deprecated`, … */
  readonly flags: readonly string[];
};

/** `undefined` when the answers are not complete: what was asked was no POSIX shell, or the line broke. */
export function readMachine(text: string): Machine | undefined {
  const sections = new Map<string, readonly string[]>();
  for (const part of text.split(/^@/m).slice(1)) {
    const [title = '', ...lines] = part.trimEnd().split('\n');
    sections.set(title.trim(), lines);
  }
  if (!sections.has('end')) return undefined;
  const lines = (title: string): readonly string[] => sections.get(title) ?? [];
  const [own, init] = lines('namespaces');
  const settings = settingsIn(lines('settings'));
  return {
    name: lines('name')[0] ?? '',
    isRoot: lines('user')[0] === '0',
    isOwnNamespace: own === init,
    programs: new Set(lines('programs')),
    fairlead: lines('fairlead')[0],
    works: new Set(lines('works')),
    devices: lines('links').flatMap((line) => deviceIn(line) ?? []),
    addresses: lines('addresses').flatMap((line) => addressIn(line) ?? []),
    wayOut: new Set(lines('routes').flatMap((line) => / dev (\S+)/.exec(line)?.[1] ?? [])),
    forwards: settings.get('ip_forward') === 1,
    arpRules: lines('rules').map((line) => line.trim()),
    setting: (device, name) => settings.get(`conf/${device}/${name}`),
  };
}

/** Names that a line of shell would take for something else belong to no interface of ours. */
const plainName = /^[\w.:-]+$/;

/** `4: eth0@if3: <BROADCAST,UP> mtu 1500 … \    link/ether 02:… \    veth …` (ip -o -d link) */
function deviceIn(line: string): Device | undefined {
  const [, name, flags = ''] = /^\d+: ([^:@]+)[^<]*<([^>]*)>/.exec(line) ?? [];
  if (name === undefined || !plainName.test(name)) return undefined;
  const has = (flag: string): boolean => flags.split(',').includes(flag);
  const isDummy = /\\\s+dummy /.test(line);
  const isPort = / master \S+ /.test(line);
  const isEthernet = line.includes(' link/ether ') && !isPort && !isDummy && !has('NOARP');
  return { name, isUp: has('UP'), isEthernet, isDummy };
}

/** `4: eth0    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\       valid_lft …` (ip -o address) */
function addressIn(line: string): DeviceAddress | undefined {
  const [, device, text = '', peer, length, rest = ''] =
    /^\d+: (\S+)\s+inet6? ([\da-f.:]+)( peer [\da-f.:]+)?(?:\/(\d+))?([^\\]*)/.exec(line) ?? [];
  const address = parseAddress(text);
  if (device === undefined || address === undefined) return undefined;
  const full = address.includes(':') ? 128 : 32;
  return {
    device,
    address,
    prefixLength: peer === undefined ? Number(length ?? full) : full,
    isGlobal: / scope global\b/.test(rest),
    flags: rest.trim().split(/\s+/),
  };
}

/** `/proc/sys/net/ipv4/conf/eth0/arp_ignore:0` (grep .) */
function settingsIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const pairs = lines.flatMap((line) => {
    const [, name, value] = /^\/proc\/sys\/net\/ipv4\/(.+):(-?\d+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, Number(value)] as const];
  });
  return new Map(pairs);
}
