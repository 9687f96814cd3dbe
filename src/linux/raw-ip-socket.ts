/** Whole IP packets, header and all (raw(7), IPV6_HDRINCL): the kernel routes them, whatever address they come from. */

import { type Address, type Family, familyOf } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { called, libc } from './ffi.ts';
import { socketAddress } from './socket-address.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const sendTo = libc<[number, Uint8Array, number, number, Uint8Array, number], number>(
  'long sendto(int fd, const void *data, size_t length, int flags, const void *address, int bytes)',
);

const domains = { 4: 2, 6: 10 } as const;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
/** Such sockets hear nothing. */
const IPPROTO_RAW = 255;

export type IpPacket = { readonly to: Address; readonly packet: Uint8Array };

/**
 * Sends packets from the calling thread's network namespace. One that leads nowhere, or that a firewall refuses, does not
 * keep the others back. Throws SYSTEM_CALL where there are no such sockets.
 */
export function sendAll(packets: readonly IpPacket[]): void {
  for (const family of [4, 6] as const) {
    const own = packets.filter(({ to }) => familyOf(to) === family);
    if (own.length > 0) sendAllOf(family, own);
  }
}

function sendAllOf(family: Family, packets: readonly IpPacket[]): void {
  const fd = called('socket(SOCK_RAW)', socket(domains[family], SOCK_RAW_NONBLOCK_CLOEXEC, IPPROTO_RAW));
  try {
    for (const { to, packet } of packets) {
      const address = socketAddress(to);
      sendTo(fd, packet, packet.length, 0, address, address.length);
    }
  } finally {
    closeFd(fd);
  }
}
