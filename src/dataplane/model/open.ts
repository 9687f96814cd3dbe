/**
 * A packet without entry: which service it is for, which real server it gets (tcp_conn_schedule(), ip_vs_schedule()).
 * As bpf/lib/open.h.
 */

import { type Binding, createConnection } from './connection.ts';
import { countConnection } from './counters.ts';
import { isDroppedByRate } from './defence.ts';
import type { Connection, Destination, Hook, Memory, Method, Service, Template } from './memory.ts';
import { isThisHost, routeTo, routeToDestination } from './next-hop.ts';
import type { Packet } from './packet/packet.ts';
import { persist } from './persistence.ts';
import type { Reason } from './reason.ts';
import { schedule } from './schedule/schedule.ts';
import { type Found, findService, ftpDataPort, ftpPort } from './service-lookup.ts';
import { callIdOf } from './sip.ts';
import { chooseStateless, isStateless, markStateless, shortageOf } from './stateless.ts';

/** Where a packet goes; without an entry in the table because of `-o`, or for want of room. */
export type Decision = Omit<Binding, 'template'> & {
  readonly connection?: Connection;
  readonly shortage?: Reason;
};

/** `later`: it is TC's, because XDP could not undo the first half of it. */
export function openConnection(
  memory: Memory,
  packet: Packet,
  now: number,
  hook: Hook,
): Decision | Reason | 'not-ours' | 'later' {
  const found = findService(memory, packet);
  if (found === undefined) return 'not-ours';
  if (found === 'vip_not_local') return found;
  if (hook === 'xdp' && isForTc(memory, found.service)) return 'later';
  const decision = openFor(memory, packet, found, now);
  return decision === 'no_server' && isLeftAlone(memory, packet, found) ? 'not-ours' : decision;
}

function isForTc({ defence }: Memory, { config }: Service): boolean {
  return defence.dropRate > 0 || config.onePacket || config.engine === 'sip';
}

function openFor(memory: Memory, packet: Packet, found: Found, now: number): Decision | Reason {
  const opens = mayOpen(memory, packet);
  if (!opens && !isStateless(memory, now)) return 'no_connection';
  if (opens && isDroppedByRate(memory)) return 'defence';
  // Connections from FTP's data port are begun by servers: they are never scheduled.
  if (opens && packet.clientPort === ftpDataPort) return 'no_connection';
  if (lacksCallId(packet, found)) return 'no_call_id';
  if (opens && isOnePacket(packet, found.service)) return openOnce(memory, packet, found, now);
  const shortage = opens ? shortageOf(memory, packet) : 'table_full';
  return shortage
    ? openStateless(memory, packet, found, shortage, now)
    : openEntry(memory, packet, found, now);
}

function lacksCallId(packet: Packet, { service: { config } }: Found): boolean {
  return config.persistent > 0 && config.engine === 'sip' && callIdOf(packet) === undefined;
}

/** TCP begins with a SYN, SCTP with an INIT; sloppy, with everything that does not end a connection. */
function mayOpen({ sysctls }: Memory, { kind, protocol, event }: Packet): boolean {
  if (kind === 'icmp-error') return true;
  switch (protocol) {
    case 'tcp':
      return event === 'syn' || (sysctls.sloppy_tcp !== 0 && event !== 'rst');
    case 'sctp':
      return event === 'init' || (sysctls.sloppy_sctp !== 0 && event !== 'abort');
    case 'udp':
      return true;
  }
}

function isOnePacket({ protocol }: Packet, { config }: Service): boolean {
  return config.onePacket && protocol === 'udp';
}

function openEntry(memory: Memory, packet: Packet, found: Found, now: number): Decision | Reason {
  const binding = bind(memory, packet, found, now);
  if (typeof binding === 'string') return binding;
  return { ...binding, connection: createConnection(memory, packet, binding, now) };
}

/** `-o`: a connection of one packet, which only counts. */
function openOnce(memory: Memory, packet: Packet, found: Found, now: number): Decision | Reason {
  const binding = bind(memory, packet, found, now);
  if (typeof binding !== 'string') countConnection(binding.destination);
  return binding;
}

/** Without an entry, replies to a translated packet would find no way back: it is dropped. */
function openStateless(
  memory: Memory,
  packet: Packet,
  found: Found,
  shortage: Reason,
  now: number,
): Decision | Reason {
  const destination = chooseStateless(memory, packet, found, now);
  if (!destination) return 'no_server';
  const method = methodTowards(memory, destination, now);
  if (method === 'masq') {
    routeToDestination(memory, destination, now); // remembered for those that come after
    return shortage;
  }
  markStateless(memory, now);
  return { destination, method, serverPort: serverPortOf(packet, found.service, destination), shortage };
}

function bind(memory: Memory, packet: Packet, found: Found, now: number): Binding | Reason {
  const chosen = choose(memory, packet, found, now);
  if (typeof chosen === 'string') return chosen;
  const { destination, template } = chosen;
  return {
    destination,
    template,
    method: methodTowards(memory, destination, now),
    serverPort: serverPortOf(packet, found.service, destination),
  };
}

type Chosen = { readonly destination: Destination; readonly template?: Template };

function choose(memory: Memory, packet: Packet, found: Found, now: number): Chosen | Reason {
  if (found.service.config.persistent > 0) return persist(memory, packet, found, now);
  const destination = schedule(memory, found.service, packet, now);
  return destination ? { destination } : 'no_server';
}

/** The port at the real server: its own, unless the service, or the template, is for every port. */
function serverPortOf({ virtualPort }: Packet, { config }: Service, { port }: Destination): number {
  const servicePort = config.kind === 'mark' ? 0 : config.port;
  if (port === 0 || (config.persistent > 0 && virtualPort !== servicePort)) return virtualPort;
  return port;
}

/** A real server that is this host gets its packets from the stack, unless they are to be translated for it. */
function methodTowards(memory: Memory, destination: Destination, now: number): Method {
  const { method } = destination.config;
  if (method === 'masq') return method;
  return isThisHost(memory, destination, now) ? 'local' : method;
}

/** What IPVS does not refuse for want of a real server (ip_vs_leave()): FTP's data, and with cache_bypass marks. */
function isLeftAlone(memory: Memory, { kind, virtual, virtualPort }: Packet, { service }: Found): boolean {
  const { config } = service;
  if (config.kind === 'address') return config.port === ftpPort && virtualPort !== ftpPort;
  const isBypassed = memory.sysctls.cache_bypass !== 0 && kind !== 'icmp-error';
  return isBypassed && routeTo(memory, virtual).kind !== 'local';
}
