/** Command lines that several cures share. */

import type { Address } from '../../ipvs/address.ts';
import type { Protocol } from '../../ipvs/service.ts';
import type { Cure } from '../finding.ts';

export function isIpv6(address: Address): boolean {
  return address.includes(':');
}

/** `10.0.0.1/32`, `fd00::1/128`. */
export function alone(address: Address): string {
  return `${address}/${isIpv6(address) ? 128 : 32}`;
}

/** `ip`, or `ip -6`. */
export function ipOf(address: Address): string {
  return isIpv6(address) ? 'ip -6' : 'ip';
}

/** Takes an address off every interface that has it, whatever its prefix length. */
export function addressOff(address: Address): string {
  return `${ipOf(address)} addr flush to ${alone(address)}`;
}

/** Gives a real server a virtual address, silent before it is there. */
export function silentlyOnLo(vip: Address): readonly string[] {
  return isIpv6(vip)
    ? [`ip -6 addr add ${vip}/128 dev lo preferred_lft 0`]
    : [
        'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
        `ip addr add ${vip}/32 dev lo`,
      ];
}

/** Tells the neighbours whose the address is, as a director does that has just taken it over. */
export function announcement(vip: Address): Cure {
  return { on: 'director', commands: [`fairlead announce ${vip}`] };
}

/** Keeps a virtual address out of a real server's ARP, wherever it is there. */
export function silence(vip: Address, rip: Address): Cure {
  const here = { on: 'real server', host: rip, also: [announcement(vip)] } as const;
  return isIpv6(vip)
    ? {
        ...here,
        commands: [addressOff(vip), ...silentlyOnLo(vip)],
        note: 'nobody answers neighbour discovery for what is on lo',
      }
    : {
        ...here,
        commands: [
          `arptables -A INPUT -d ${vip} -j DROP`,
          `arptables -A OUTPUT -s ${vip} -j mangle --mangle-ip-s ${rip}`,
        ],
        note: `these rules are gone after a reboot; fairlead realserver join ${vip} there keeps them`,
      };
}

/** Lets a service through a host's firewall, ahead of whatever else it says. */
export function letThrough(vip: Address, protocol: Protocol, port: number): string {
  const program = isIpv6(vip) ? 'ip6tables' : 'iptables';
  return `${program} -I INPUT -d ${vip} -p ${protocol} --dport ${port} -j ACCEPT`;
}

/** Gives what is for the virtual address to a service that listens on another one; `OUTPUT`: of this host's own. */
export function redirectTo(
  vip: Address,
  protocol: Protocol,
  port: number,
  own: string,
  chain: 'PREROUTING' | 'OUTPUT' = 'PREROUTING',
): string {
  const program = isIpv6(vip) ? 'ip6tables' : 'iptables';
  return `${program} -t nat -A ${chain} -d ${vip} -p ${protocol} --dport ${port} -j DNAT --to-destination ${own}`;
}
