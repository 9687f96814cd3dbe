/** Firewall marks: which a packet has, by the rules that stand in for iptables' MARK. As bpf/lib/classify.h. */

import type { Address } from '../../ipvs/address.ts';
import type { MarkRule, PortRange } from '../../ipvs/mark-rule.ts';
import type { Prefix } from '../../ipvs/prefix.ts';
import type { Memory } from './memory.ts';
import { octetsOf } from './packet/octets.ts';
import type { Packet } from './packet/packet.ts';

export function markOf({ markRules, world }: Memory, packet: Packet): number {
  const ingress = world.interfaces.get(packet.ingress)?.name;
  let mark = 0;
  for (const rule of markRules) {
    if (!fits(rule, packet, ingress)) continue;
    mark = ((mark & ~rule.mask) ^ rule.value) >>> 0;
    if (rule.final) break;
  }
  return mark;
}

function fits(rule: MarkRule, packet: Packet, ingress: string | undefined): boolean {
  return (
    rule.family === packet.family &&
    (rule.protocol === undefined || rule.protocol === packet.protocol) &&
    (rule.interface === undefined || rule.interface === ingress) &&
    isWithin(packet.virtualPort, rule.targetPorts) &&
    isWithin(packet.clientPort, rule.sourcePorts) &&
    isUnder(packet.virtual, rule.target) &&
    isUnder(packet.client, rule.source)
  );
}

function isWithin(port: number, range: PortRange | undefined): boolean {
  return !range || (port >= range.first && port <= range.last);
}

function isUnder(address: Address, prefix: Prefix | undefined): boolean {
  if (!prefix) return true;
  const own = octetsOf(address);
  return octetsOf(prefix.address).every((octet, index) => {
    const bits = Math.min(8, Math.max(0, prefix.length - index * 8));
    return ((octet ^ (own[index] ?? 0)) & (0xff00 >>> bits) & 0xff) === 0;
  });
}
