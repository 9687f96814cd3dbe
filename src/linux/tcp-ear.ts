/**
 * Raw sockets of TCP (raw(7)): a copy of each acknowledgement that comes up this host's stack. What a TC program forwards never
 * does, and costs nothing. Need root.
 */

import { type Address, addressFromBytes, type Family } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { EAGAIN, SystemCallError } from './errno.ts';
import { called, errno, libc } from './ffi.ts';
import { attachFilter, takeNothing, tcpAnswers } from './socket-filter.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const receiveFrom = libc<[number, Uint8Array, number, number, Uint8Array, Uint32Array], number>(
  'long recvfrom(int fd, void *data, size_t length, int flags, void *address, void *bytes)',
);

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const IPPROTO_TCP = 6;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
/** Some ten thousand acknowledgements. */
const roomBytes = Uint8Array.of(0, 0, 128, 0);

/** By family: its number, and where the sender's address is in what recvfrom(2) fills in. */
const kinds = {
  4: { domain: 2, addressAt: 4, addressBytes: 4, room: 16 },
  6: { domain: 10, addressAt: 8, addressBytes: 16, room: 28 },
} as const;

/** A segment that acknowledges and opens, resets nothing. */
export type HeardSegment = {
  readonly from: Address;
  readonly sourcePort: number;
  readonly port: number;
  readonly sequence: number;
};

export type TcpEar = {
  /** The next one that has come; `undefined`: none. */
  receive(): HeardSegment | undefined;
  close(): void;
};

/** In the calling thread's network namespace. Without `port`, whatever port they are for. Throws SYSTEM_CALL. */
export function openTcpEar(family: Family, port?: number): TcpEar {
  const kind = kinds[family];
  const fd = called('socket(SOCK_RAW)', socket(kind.domain, SOCK_RAW_NONBLOCK_CLOEXEC, IPPROTO_TCP));
  const buffer = new Uint8Array(128);
  const from = new Uint8Array(kind.room);
  /** Its whole length may be more than there is room for: the headers are there. */
  const next = (): number => receiveFrom(fd, buffer, buffer.length, 0, from, Uint32Array.of(kind.room));
  try {
    attachFilter(fd, takeNothing);
    while (next() >= 0); // what came before the filter was there
    called('setsockopt(SO_RCVBUFFORCE)', setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, roomBytes, 4));
    attachFilter(fd, tcpAnswers(family, port));
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  return {
    receive() {
      if (next() < 0) {
        const error = errno();
        if (error === EAGAIN) return undefined;
        throw new SystemCallError('recvfrom(SOCK_RAW)', error);
      }
      const header = family === 4 ? ((buffer[0] ?? 0) & 0xf) * 4 : 0; // IPv6's is left out
      const segment = new DataView(buffer.buffer, header);
      return {
        from: addressFromBytes(from.slice(kind.addressAt, kind.addressAt + kind.addressBytes)),
        sourcePort: segment.getUint16(0),
        port: segment.getUint16(2),
        sequence: segment.getUint32(4),
      };
    },
    close: () => closeFd(fd),
  };
}
