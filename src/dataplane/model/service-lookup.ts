/** Which service a packet is for, in IPVS's order (ip_vs_service_find()). As bpf/lib/service.h. */

import { familyOf, type Port } from '../../ipvs/address.ts';
import { serviceKeyText } from '../../ipvs/service.ts';
import { markOf } from './classify.ts';
import type { Memory, Service } from './memory.ts';
import { routeTo } from './next-hop.ts';
import type { Packet } from './packet/packet.ts';

export const ftpPort = 21;
export const ftpDataPort = 20;
/** net.ipv4.ip_unprivileged_port_start */
const firstUnprivilegedPort = 1024;

export type Found = { readonly service: Service; readonly mark: number };

/** By mark; by protocol, address and port; a control connection's for FTP's data; for every port of the address. */
export function findService(memory: Memory, packet: Packet): Found | 'vip_not_local' | undefined {
  const mark = markOf(memory, packet);
  const byMark = mark === 0 ? undefined : serviceByMark(memory, packet, mark);
  if (byMark) return { service: byMark, mark };
  const { virtualPort } = packet;
  const service =
    serviceAt(memory, packet, virtualPort) ??
    (mayBeFtpData(packet) ? serviceAt(memory, packet, ftpPort) : undefined) ??
    serviceAt(memory, packet, 0);
  if (!service) return undefined;
  if (routeTo(memory, packet.virtual).kind !== 'local') return 'vip_not_local';
  return takesPort(service, virtualPort) ? { service, mark: 0 } : undefined;
}

/** Only a persistent service takes what is for another port than its own. */
function takesPort({ config }: Service, port: number): boolean {
  return config.kind === 'mark' || config.port === port || config.persistent > 0;
}

function serviceByMark({ services }: Memory, { virtual }: Packet, mark: number): Service | undefined {
  return services.get(serviceKeyText({ kind: 'mark', mark, family: familyOf(virtual) }));
}

function serviceAt({ services }: Memory, { protocol, virtual }: Packet, port: number): Service | undefined {
  return services.get(serviceKeyText({ kind: 'address', protocol, address: virtual, port: port as Port }));
}

function mayBeFtpData({ protocol, virtualPort }: Packet): boolean {
  return protocol === 'tcp' && (virtualPort === ftpDataPort || virtualPort >= firstUnprivilegedPort);
}
