/** Raw sockets of ICMP and ICMPv6 (raw(7), icmp(7), RFC 3542): what goes to a real server and comes back. Need root. */

import { type Address, addressFromBytes, type Family } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { EAGAIN, SystemCallError } from './errno.ts';
import { called, errno, libc } from './ffi.ts';
import { socketAddress } from './socket-address.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const bind = libc<[number, Uint8Array, number], number>('int bind(int fd, const void *address, int length)');
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const sendTo = libc<[number, Uint8Array, number, number, Uint8Array, number], number>(
  'long sendto(int fd, const void *data, size_t length, int flags, const void *address, int bytes)',
);
const receiveFrom = libc<[number, Uint8Array, number, number, Uint8Array, Uint32Array], number>(
  'long recvfrom(int fd, void *data, size_t length, int flags, void *address, void *bytes)',
);

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;

/** By family: its number, the protocol, and which option of which level filters by types, and how. */
const kinds = {
  4: { domain: 2, protocol: 1, level: 255, filter: 1, addressAt: 4, addressBytes: 4, room: 16 },
  6: { domain: 10, protocol: 58, level: 58, filter: 1, addressAt: 8, addressBytes: 16, room: 28 },
} as const;

export type IcmpSocket = {
  /** The kernel sums IPv6's; IPv4's has its checksum. Throws SYSTEM_CALL. */
  send(to: Address, message: Uint8Array): void;
  /** The next message that has come, without an IP header; `undefined`: none. */
  receive(): { readonly from: Address; readonly message: Uint8Array } | undefined;
  close(): void;
};

/** One that hears messages of these types, and sends from an address of this host, or from what the kernel takes. */
export function openIcmpSocket(family: Family, types: readonly number[], source?: Address): IcmpSocket {
  const kind = kinds[family];
  const fd = called('socket(SOCK_RAW)', socket(kind.domain, SOCK_RAW_NONBLOCK_CLOEXEC, kind.protocol));
  try {
    const filter = filterOf(family, types);
    called('setsockopt(ICMP_FILTER)', setOption(fd, kind.level, kind.filter, filter, filter.length));
    if (source !== undefined) called('bind(SOCK_RAW)', bind(fd, socketAddress(source), kind.room));
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  const buffer = new Uint8Array(65_536);
  const from = new Uint8Array(kind.room);
  return {
    send: (to, message) => {
      called('sendto', sendTo(fd, message, message.length, 0, socketAddress(to), kind.room));
    },
    receive() {
      const length = receiveFrom(fd, buffer, buffer.length, 0, from, Uint32Array.of(kind.room));
      if (length < 0) {
        const error = errno();
        if (error === EAGAIN) return undefined;
        throw new SystemCallError('recvfrom(SOCK_RAW)', error);
      }
      const header = family === 4 ? ((buffer[0] ?? 0) & 0xf) * 4 : 0;
      return {
        from: addressFromBytes(from.slice(kind.addressAt, kind.addressAt + kind.addressBytes)),
        message: buffer.slice(header, length),
      };
    },
    close: () => closeFd(fd),
  };
}

/** A bit for each type, set where it is not wanted: 32 types of ICMP (icmp(7)), 256 of ICMPv6 (RFC 3542 §3.2). */
function filterOf(family: Family, types: readonly number[]): Uint8Array {
  const words = new Uint32Array(family === 4 ? 1 : 8).fill(0xffffffff);
  for (const type of types) words[type >> 5] = (words[type >> 5] ?? 0) & ~(1 << (type & 31));
  return new Uint8Array(words.buffer);
}
