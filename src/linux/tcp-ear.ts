/**
 * Raw sockets of TCP (raw(7)): a copy of each acknowledgement that comes up this host's stack. What a TC program forwards never
 * does, and costs nothing. Need root.
 */

import { type Address, addressFromBytes, type Family } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { EAGAIN, SystemCallError } from './errno.ts';
import { address, called, errno, libc } from './ffi.ts';
import { attachFilter, takeNothing, tcpAnswers } from './socket-filter.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const receiveMessage = libc<[number, Uint8Array, number], number>(
  'long recvmsg(int fd, void *message, int flags)',
);

const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const IPPROTO_TCP = 6;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
/** Some ten thousand acknowledgements. */
const roomBytes = Uint8Array.of(0, 0, 128, 0);
const SOL_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;
/** The length of a packet is told though there is less room. */
const MSG_TRUNC = 0x20;
const FIN = 1;

/** By family: its number, the octets of an address, and where the sender's is in its socket address. */
const kinds = {
  4: { domain: 2, addressBytes: 4, fromAt: 4 },
  6: { domain: 10, addressBytes: 16, fromAt: 8 },
} as const;

/** Where in one piece of memory recvmsg(2) finds what it fills in, and how much there is room for. */
const places = {
  message: { at: 0, bytes: 56 },
  vector: { at: 56, bytes: 16 },
  name: { at: 72, bytes: 28 },
  control: { at: 104, bytes: 64 },
  data: { at: 168, bytes: 128 },
} as const;
/** In a raw socket's data, which begins with the IP header in IPv4 and behind it in IPv6 (raw(7)). */
const ipv4ToAt = 16;
/** In the one control message, struct in6_pktinfo behind its header (cmsg(3)). */
const ipv6ToAt = 16;

/** A segment that acknowledges and opens, resets nothing. */
export type HeardSegment = {
  readonly from: Address;
  readonly sourcePort: number;
  readonly to: Address;
  readonly port: number;
  /** Of its first octet: what a receiver expects that has not got it. */
  readonly sequence: number;
  /** Of what follows it: what one expects that has. */
  readonly next: number;
  /** What its sender expects next. */
  readonly acknowledged: number;
};

export type TcpEar = {
  /** The next one that has come; `undefined`: none. */
  receive(): HeardSegment | undefined;
  /** From now on whatever port they are for. Throws SYSTEM_CALL. */
  hearAll(): void;
  close(): void;
};

/** In the calling thread's network namespace. Without `port`, whatever port they are for. Throws SYSTEM_CALL. */
export function openTcpEar(family: Family, port?: number): TcpEar {
  const { domain, addressBytes, fromAt } = kinds[family];
  const fd = called('socket(SOCK_RAW)', socket(domain, SOCK_RAW_NONBLOCK_CLOEXEC, IPPROTO_TCP));
  const { memory, next } = receiver(fd);
  const set = (call: string, level: number, name: number, value: Uint8Array): void => {
    called(call, setOption(fd, level, name, value, value.length));
  };
  try {
    attachFilter(fd, takeNothing);
    while (next() >= 0); // what came before the filter was there
    set('setsockopt(SO_RCVBUFFORCE)', SOL_SOCKET, SO_RCVBUFFORCE, roomBytes);
    if (family === 6)
      set('setsockopt(IPV6_RECVPKTINFO)', SOL_IPV6, IPV6_RECVPKTINFO, Uint8Array.of(1, 0, 0, 0));
    attachFilter(fd, tcpAnswers(family, port));
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  const addressAt = (at: number): Address => addressFromBytes(memory.slice(at, at + addressBytes));
  const { name, control, data } = places;
  return {
    receive() {
      const octets = next();
      if (octets < 0) {
        const error = errno();
        if (error === EAGAIN) return undefined;
        throw new SystemCallError('recvmsg(SOCK_RAW)', error);
      }
      const header = family === 4 ? ((memory[data.at] ?? 0) & 0xf) * 4 : 0;
      const segment = new DataView(memory.buffer, data.at + header);
      const [sequence, finishes] = [segment.getUint32(4), segment.getUint8(13) & FIN];
      const follows = octets - header - (segment.getUint8(12) >> 4) * 4 + finishes;
      return {
        from: addressAt(name.at + fromAt),
        sourcePort: segment.getUint16(0),
        to: addressAt(family === 4 ? data.at + ipv4ToAt : control.at + ipv6ToAt),
        port: segment.getUint16(2),
        sequence,
        next: (sequence + follows) >>> 0,
        acknowledged: segment.getUint32(8),
      };
    },
    hearAll: () => attachFilter(fd, tcpAnswers(family)),
    close: () => closeFd(fd),
  };
}

/** recvmsg(2), and where its `places` are. A packet may be longer than there is room for: the headers are there. */
function receiver(fd: number): { readonly memory: Uint8Array; readonly next: () => number } {
  const { message, vector, name, control, data } = places;
  const memory = new Uint8Array(data.at + data.bytes);
  const view = new DataView(memory.buffer);
  const start = address(memory);
  const set = (at: number, value: number | bigint): void => view.setBigUint64(at, BigInt(value), true);
  // struct iovec: where, how much. struct msghdr: the same of the name, the iovecs, the control messages.
  set(vector.at, start + BigInt(data.at));
  set(vector.at + 8, data.bytes);
  set(message.at, start + BigInt(name.at));
  set(message.at + 16, start + BigInt(vector.at));
  set(message.at + 24, 1);
  set(message.at + 32, start + BigInt(control.at));
  const next = (): number => {
    set(message.at + 8, name.bytes);
    set(message.at + 40, control.bytes);
    return receiveMessage(fd, memory, MSG_TRUNC);
  };
  return { memory, next };
}
