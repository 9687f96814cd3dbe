/**
 * Persistent services: the template there is says where a connection goes, or else the scheduler, and a new template
 * (ip_vs_sched_persist()). As bpf/lib/template.h.
 */

import { type Address, addressFromBytes, ipv4FromNumber } from '../../ipvs/address.ts';
import type { Service as ServiceConfig } from '../../ipvs/service.ts';
import type { Destination, Memory, Template } from './memory.ts';
import { octetsOf } from './packet/octets.ts';
import type { Packet } from './packet/packet.ts';
import type { Reason } from './reason.ts';
import { schedule } from './schedule/schedule.ts';
import { type Found, ftpPort } from './service-lookup.ts';
import { callIdOf } from './sip.ts';
import { createTemplate, findTemplate, type TemplateKey, useTemplate } from './template.ts';

export type Persisted = { readonly destination: Destination; readonly template: Template };

/** A service that goes by calls has nothing for what belongs to none. */
export function persist(memory: Memory, packet: Packet, found: Found, now: number): Persisted | Reason {
  const key = keyFor(packet, found);
  if (!key) return 'no_call_id';
  const template = findTemplate(memory, key, now) ?? newTemplate(memory, packet, found, key, now);
  if (!template) return 'no_server';
  useTemplate(template, now);
  return { destination: template.destination, template };
}

/** The destination of the template there is. */
export function persisted(
  memory: Memory,
  packet: Packet,
  found: Found,
  now: number,
): Destination | undefined {
  const key = keyFor(packet, found);
  const template = key && findTemplate(memory, key, now);
  if (template) useTemplate(template, now);
  return template?.destination;
}

function newTemplate(
  memory: Memory,
  packet: Packet,
  { service }: Found,
  key: TemplateKey,
  now: number,
): Template | undefined {
  const { config } = service;
  const destination = schedule(memory, service, packet, now);
  if (!destination) return undefined;
  const serverPort = isOfOnePort(packet, config) ? destination.port : 0;
  return createTemplate(memory, key, destination, serverPort, config.persistent * 1000, now);
}

/** Whether the template is of one port: those of FTP, of port-0 services and of marks are of all. */
function isOfOnePort({ virtualPort }: Packet, service: ServiceConfig): boolean {
  return service.kind === 'address' && virtualPort === service.port && service.port !== ftpPort;
}

function keyFor(packet: Packet, found: Found): TemplateKey | undefined {
  const { config } = found.service;
  const callId = config.engine === 'sip' ? callIdOf(packet) : undefined;
  if (config.engine === 'sip' && callId === undefined) return undefined;
  const { family, virtual, virtualPort } = packet;
  const key = { family, ...persistentClient(packet, found), callId };
  if (config.kind === 'mark') return { ...key, virtual: markAddress(config.mark, family), virtualPort: 0 };
  return { ...key, virtual, virtualPort: isOfOnePort(packet, config) ? virtualPort : 0 };
}

/** Whom the service takes for one client, and in which protocol: a mark's makes no difference of those. */
export function persistentClient({ protocol, client }: Packet, { service: { config } }: Found) {
  return {
    protocol: config.kind === 'mark' ? ('ip' as const) : protocol,
    client: networkOf(client, config.netmask),
  };
}

/** IPVS writes the mark where the address would be. */
function markAddress(mark: number, family: 4 | 6): Address {
  const address = ipv4FromNumber(mark);
  if (family === 4) return address;
  const octets = new Uint8Array(16);
  octets.set(octetsOf(address));
  return addressFromBytes(octets);
}

/** IPv4 takes any mask, IPv6 the length of a prefix. */
function networkOf(address: Address, netmask: number): Address {
  const octets = octetsOf(address);
  const maskOctet = (index: number): number =>
    octets.length === 4
      ? netmask >>> (24 - index * 8)
      : 0xff00 >>> Math.min(8, Math.max(0, netmask - index * 8));
  return addressFromBytes(octets.map((octet, index) => octet & maskOctet(index)));
}
