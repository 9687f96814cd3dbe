/** The pitfalls of running LVS, one row each: what can be made to happen here, and why the rest cannot. */

import type { Pitfall, Trial } from './fault.ts';
import * as address from './faults/address.ts';
import * as arp from './faults/arp.ts';
import * as clients from './faults/clients.ts';
import * as connections from './faults/connections.ts';
import * as directors from './faults/directors.ts';
import * as hooks from './faults/hooks.ts';
import * as local from './faults/local.ts';
import * as routing from './faults/routing.ts';

export const pitfalls: readonly Pitfall[] = [
  row(1, 'a real server answers ARP for the virtual address', arp.arpAnswer),
  row(2, 'a real server asks by ARP in the name of the virtual address', arp.arpAnnounce),
  row(3, 'the director asks by ARP in the name of the virtual address', arp.asksAsVip),
  row(4, 'arptables rules lost at boot, or set after the address', arp.arpRulesLost),
  row(5, 'the virtual address on a real server with a prefix shorter than /32', address.shortPrefix),
  row(
    6,
    'the virtual address is missing on a real server, or the service listens on its own only',
    address.vipMissing,
    address.ripOnly,
  ),
  row(7, 'health checks ask for the own address, clients for the virtual one', address.vipFiltered),
  row(8, 'a router between the director and a real server', routing.behindRouter),
  row(9, 'the director is the gateway of a real server', routing.answersThroughDirector),
  row(10, 'strict reverse path filtering on a real server', routing.strictReversePath),
  row(11, 'the client is a real server', clients.realServerAsClient),
  row(12, 'the client is the director', clients.directorAsClient),
  row(
    13,
    'the director is a real server, and its service listens on its own address only',
    local.localRipOnly,
  ),
  row(14, "two directors that are each other's real servers", directors.pingPong),
  row(15, 'no gratuitous ARP after a failover', directors.staleNeighbour),
  row(16, 'switch, hypervisor or cloud drops what comes from the virtual address', routing.forgedTransmits),
  row(17, 'a stateful firewall sees one direction only', routing.statefulRouter, hooks.conntrackOnDirector),
  row(18, 'ICMP filtered: no path MTU discovery', routing.pathMtu),
  row(19, 'merged packets (GRO, LRO) on the director', hooks.mergedPackets),
  unseen(
    20,
    'wrong checksums from offloads of virtual machines',
    'needs the driver of a virtual card: veth pairs pass checksums on as they are',
  ),
  row(21, 'ICMP redirects by the director', hooks.noRedirects),
  row(22, 'a real server with weight 0 keeps persistent clients', connections.quiescedTemplate),
  row(23, 'connections to a removed real server hang', connections.removedServer),
  row(24, 'UDP from one port is one connection', connections.udpSticks),
  row(25, 'clients that use their ports again keep their real server', connections.portReuse),
  row(26, 'a fresh real server gets all new connections', connections.freshServer),
  row(27, 'a SYN flood', connections.synFlood),
  row(28, 'finished connections count towards thresholds', connections.fullOfFinished),
  row(29, 'VRRP messages filtered: both directors are master', directors.twoMasters),
  row(30, 'failover without the state of connections', directors.noState),
  row(31, 'the virtual IPv6 address stays tentative, or counts as a duplicate', address.duplicateAddress),
  row(
    32,
    'programs on the wrong device, or XDP where it cannot work',
    hooks.forcedXdp,
    hooks.hooksTornOff,
    hooks.portOfBridge,
  ),
  row(33, 'firewall rules of others for the virtual address', local.localFirewall, hooks.firewallOnDirector),
];

/** Every trial, in the order of the table. */
export const trials: readonly Trial[] = pitfalls.flatMap((pitfall): readonly Trial[] => pitfall.trials);

function row(number: number, what: string, ...these: readonly [Trial, ...Trial[]]): Pitfall {
  return { number, what, trials: these };
}

function unseen(number: number, what: string, why: string): Pitfall {
  return { number, what, trials: [], unseen: why };
}
