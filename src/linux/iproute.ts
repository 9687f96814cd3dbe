/** What iproute2 says of the calling process's network namespace, read from its JSON (`ip -j`). */

import { type Address, type Family, parseAddress } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { runProgram } from './program.ts';

export type LocalAddress = {
  readonly address: Address;
  readonly family: Family;
  readonly prefix: number;
  /** `global`, `link`, `host`. */
  readonly scope: string;
  readonly isTentative: boolean;
  /** Duplicate address detection has found another host with it. */
  readonly isDuplicate: boolean;
  /** Not chosen as a source address while there is another (`preferred_lft 0`). */
  readonly isDeprecated: boolean;
  /** In a network of which the interface has another address already: that one speaks for it. */
  readonly isSecondary: boolean;
  /** For a while only: leased, or advertised by a router. */
  readonly isDynamic: boolean;
};

export type LocalInterface = {
  readonly index: number;
  readonly name: string;
  /** Of Ethernet interfaces. */
  readonly mac: string | undefined;
  readonly mtu: number;
  /** The driver's kind for virtual interfaces (`veth`, `bridge`, …). */
  readonly kind: string | undefined;
  /** As an administrator has set it. */
  readonly isUp: boolean;
  readonly hasCarrier: boolean;
  readonly addresses: readonly LocalAddress[];
};

export type Neighbour = {
  readonly address: Address;
  readonly interface: string;
  readonly mac: string | undefined;
  /** `REACHABLE`, `STALE`, `FAILED`, … */
  readonly state: string;
};

export type Route = {
  readonly destination: Address;
  /** `local`, `unicast`, `unreachable`, … */
  readonly type: string;
  readonly interface: string | undefined;
  readonly gateway: Address | undefined;
  /** The address the kernel would send from. */
  readonly source: Address | undefined;
  /** What path MTU discovery has learnt. */
  readonly mtu: number | undefined;
  /** Learnt from an ICMP redirect. */
  readonly isRedirected: boolean;
};

type Loose = Readonly<Record<string, unknown>>;

/** All interfaces with their addresses. */
export async function localInterfaces(): Promise<readonly LocalInterface[]> {
  return parseInterfaces(await ip(['-j', '-details', 'address']));
}

/** Both families' tables, unresolved entries among them. */
export async function neighbours(): Promise<readonly Neighbour[]> {
  return parseNeighbours(await ip(['-j', 'neighbour', 'show', 'nud', 'all']));
}

/** Where packets to each address would go; those that cannot be reached are left out. */
export async function routesTo(addresses: readonly Address[]): Promise<ReadonlyMap<Address, Route>> {
  if (addresses.length === 0) return new Map();
  const lines = addresses.map((address) => `route get ${address}\n`).join('');
  const text = await ip(['-j', '-force', '-batch', '-'], lines);
  return new Map(parseRoutes(text).map((route) => [route.destination, route]));
}

export function parseInterfaces(text: string): readonly LocalInterface[] {
  return list(text).flatMap((link) => {
    const flags = Array.isArray(link['flags']) ? link['flags'] : [];
    const infos = Array.isArray(link['addr_info']) ? (link['addr_info'] as readonly Loose[]) : [];
    if (typeof link['ifname'] !== 'string') return [];
    return {
      index: Number(link['ifindex']),
      name: link['ifname'],
      mac: link['link_type'] === 'ether' ? String(link['address']) : undefined,
      mtu: Number(link['mtu']),
      kind: kindOf(link['linkinfo']),
      isUp: flags.includes('UP'),
      hasCarrier: !flags.includes('NO-CARRIER'),
      addresses: infos.flatMap(parseLocalAddress),
    };
  });
}

function kindOf(info: unknown): string | undefined {
  const kind = (info as Loose | undefined)?.['info_kind'];
  return typeof kind === 'string' ? kind : undefined;
}

function parseLocalAddress(info: Loose): readonly LocalAddress[] {
  const address = parseAddress(String(info['local']));
  if (!address) return [];
  return [
    {
      address,
      family: info['family'] === 'inet6' ? 6 : 4,
      prefix: Number(info['prefixlen']),
      scope: String(info['scope']),
      isTentative: info['tentative'] === true,
      isDuplicate: info['dadfailed'] === true,
      isDeprecated: info['deprecated'] === true,
      isSecondary: info['secondary'] === true,
      isDynamic: info['dynamic'] === true,
    },
  ];
}

export function parseNeighbours(text: string): readonly Neighbour[] {
  return list(text).flatMap((entry) => {
    const address = parseAddress(String(entry['dst']));
    if (!address) return [];
    const state = Array.isArray(entry['state']) ? String(entry['state'][0]) : 'NONE';
    const mac = typeof entry['lladdr'] === 'string' ? entry['lladdr'] : undefined;
    return [{ address, interface: String(entry['dev']), mac, state }];
  });
}

/** Of a batch: one list after the other. */
export function parseRoutes(text: string): readonly Route[] {
  const lists = text.split(/\n(?=\[)/).flatMap(list);
  return lists.flatMap((entry) => {
    const destination = parseAddress(String(entry['dst']));
    if (!destination) return [];
    const metrics = Array.isArray(entry['metrics']) ? (entry['metrics'] as readonly Loose[])[0] : undefined;
    const cache = Array.isArray(entry['cache']) ? entry['cache'] : [];
    return [
      {
        destination,
        type: typeof entry['type'] === 'string' ? entry['type'] : 'unicast',
        interface: typeof entry['dev'] === 'string' ? entry['dev'] : undefined,
        gateway: parseAddress(String(entry['gateway'])),
        source: parseAddress(String(entry['prefsrc'])),
        mtu: metrics?.['mtu'] === undefined ? undefined : Number(metrics['mtu']),
        isRedirected: cache.includes('redirected'),
      },
    ];
  });
}

/** Empty elements are what iproute2 prints for objects that its filter leaves out. */
function list(text: string): readonly Loose[] {
  if (text.trim() === '') return [];
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? (value as readonly Loose[]) : [];
}

/** Its output, whatever it ended with: a batch goes on behind a line that fails. Throws NO_PROGRAM, SYSTEM_CALL. */
async function ip(argv: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(['ip', ...argv], input);
  if (code === 127) throw new FairleadError('NO_PROGRAM', 'ip, install the package iproute2');
  if (code !== 0 && stdout === '' && input === undefined)
    throw new FairleadError('SYSTEM_CALL', `ip ${argv.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
