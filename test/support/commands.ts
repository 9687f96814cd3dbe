/**
 * The commands in recordings of the wire (test/golden/wire.jsonl), given to a data plane: `ipvsadm`, `sysctl`, `ip`,
 * and `iptables` where it sets marks. Only as much of their grammars as stands there.
 */

import { ipv4ToNumber, type Port, parseAddress, parseIpv4 } from '../../src/ipvs/address.ts';
import type { MarkRule } from '../../src/ipvs/mark-rule.ts';
import {
  type Protocol,
  protocols,
  type Tunnel,
  tunnelChecksums,
  tunnelTypes,
} from '../../src/ipvs/service.ts';
import { type SysctlName, sysctlNames } from '../../src/ipvs/sysctl.ts';
import {
  type Arrangement,
  addServer,
  arrange,
  editServer,
  editService,
  removeServer,
  removeService,
  type ServerWords,
} from './arrange.ts';
import type { Player } from './player.ts';

export function command(player: Player, line: string): void {
  const words = line.split(' ');
  const run = programs[words[0] ?? ''];
  if (!run) throw new Error(`no such command: ${line}`);
  run(player, words.slice(1));
}

const programs: Readonly<Record<string, (player: Player, words: readonly string[]) => void>> = {
  ipvsadm,
  ip,
  sysctl: (player, [, ...settings]) => {
    for (const setting of settings) sysctl(player, setting);
  },
  'iptables-legacy': mark,
  'ip6tables-legacy': mark,
  true: () => undefined,
};

type Given = ReadonlyMap<string, string>;

/** `-t A -s rr -p 300` as options with their arguments; one without is there with none. */
function optionsOf(words: readonly string[]): Given {
  const options = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (word.startsWith('-')) options.set(word, next === undefined || next.startsWith('-') ? '' : next);
  }
  return options;
}

function ipvsadm(player: Player, [verb = '', ...words]: readonly string[]): void {
  if (verb === '--set') {
    const [tcp = 0, tcpFin = 0, udp = 0] = words.map(Number);
    player.plane.setTimeouts({ tcp, tcpFin, udp });
    return;
  }
  const options = optionsOf(words);
  const service = serviceText(options);
  const server = options.get('-r') ?? '';
  if (verb === '-A') arrange(player, { service, ...serviceWords(options), servers: {} });
  else if (verb === '-E') editService(player, { service, ...serviceWords(options) });
  else if (verb === '-D') removeService(player, service);
  else if (verb === '-a') addServer(player, service, server, serverWords(options));
  else if (verb === '-e') editServer(player, service, server, serverWords(options));
  else if (verb === '-d') removeServer(player, service, server);
  else throw new Error(`ipvsadm ${verb}`);
}

function serviceText(options: Given): string {
  const kinds = { '-t': 'tcp', '-u': 'udp', '--sctp-service': 'sctp' } as const;
  for (const [option, protocol] of Object.entries(kinds)) {
    const address = options.get(option);
    if (address !== undefined) return `${protocol}:${address}`;
  }
  return `${options.has('-6') ? 'mark6' : 'mark'}:${options.get('-f')}`;
}

function serviceWords(options: Given): Partial<Arrangement> {
  const persistent = options.get('-p');
  const mask = options.get('-M');
  const quad = mask === undefined ? undefined : parseIpv4(mask);
  return {
    scheduler: options.get('-s') === 'wlc' ? 'wlc' : 'rr',
    ...(persistent !== undefined && { persistent: Number(persistent || 360) }),
    ...(mask !== undefined && { netmask: quad === undefined ? Number(mask) : ipv4ToNumber(quad) }),
    ...(options.has('--pe') && { engine: 'sip' }),
    ...(options.has('-o') && { onePacket: true }),
  };
}

function serverWords(options: Given): ServerWords {
  const number = (option: string, usual: number): number => Number(options.get(option) ?? usual);
  return {
    ...{ weight: number('-w', 1), upperThreshold: number('-x', 0), lowerThreshold: number('-y', 0) },
    ...(options.has('-m') && { method: 'masq' }),
    ...(options.has('-i') && { method: 'ipip', tunnel: tunnelOf(options) }),
  };
}

function tunnelOf(options: Given): Tunnel {
  const type = tunnelTypes.find((known) => known === options.get('--tun-type')) ?? 'ipip';
  const checksum = tunnelChecksums.find((known) => options.has(`--tun-${known}`)) ?? 'nocsum';
  return { type, port: Number(options.get('--tun-port') ?? 0), checksum };
}

function sysctl({ plane }: Player, word: string): void {
  const [path = '', value] = word.split('=');
  const name = path.replace('net.ipv4.vs.', '');
  if (!sysctlNames.some((known) => known === name)) return; // of the kernel's own forwarding
  plane.setSysctls({ ...plane.sysctls(), [name as SysctlName]: Number(value) });
  plane.defend(1_000_000);
}

/** A way of its own for what the VIP's packets are; marks lead to services without it. */
function ip(player: Player, words: readonly string[]): void {
  if (words[0] === 'rule' || words.includes('table')) return;
  const line = words.filter((word) => word !== '-6').join(' ');
  const locked = line.startsWith('route') ? line.replace(' mtu ', ' mtu lock ') : line; // world.ts says why
  player.ip(locked.replace(/^addr /, 'address ').replace('blackhole', 'unreachable'));
}

/** `-t mangle -A PREROUTING -d A -p tcp --dport 80 -j MARK --set-mark 5` */
function mark({ plane }: Player, words: readonly string[]): void {
  const options = optionsOf(words);
  const address = parseAddress(options.get('-d') ?? '');
  const protocol = protocols.find((known): known is Protocol => known === options.get('-p'));
  const port = Number(options.get('--dport')) as Port;
  if (address === undefined || !protocol) throw new Error(words.join(' '));
  const isIpv6 = address.includes(':');
  const rule: MarkRule = {
    ...{ family: isIpv6 ? 6 : 4, protocol, target: { address, length: isIpv6 ? 128 : 32 } },
    ...{
      targetPorts: { first: port, last: port },
      value: Number(options.get('--set-mark')),
      mask: 0xffffffff,
    },
    final: false,
  };
  plane.setMarkRules([...plane.markRules(), rule]);
}
