/**
 * TCP connections that are only to be accepted: a thousand a second, which Node's sockets, made for conversations, cost
 * ten times as much. Non-blocking sockets are watched by epoll(7), which is asked while anything is under way.
 */

import { type Address, familyOf } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { checked } from './errno.ts';
import { called, errno, libc } from './ffi.ts';
import { socketAddress } from './socket-address.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const bind = libc<[number, Uint8Array, number], number>('int bind(int fd, const void *address, int length)');
const connect = libc<[number, Uint8Array, number], number>(
  'int connect(int fd, const void *address, int length)',
);
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const getOption = libc<[number, number, number, Uint8Array, Uint32Array], number>(
  'int getsockopt(int fd, int level, int name, void *value, void *length)',
);
const epollCreate = libc<[number], number>('int epoll_create1(int flags)');
const epollControl = libc<[number, number, number, Uint8Array], number>(
  'int epoll_ctl(int epoll, int operation, int fd, void *event)',
);
const epollWait = libc<[number, Uint8Array, number, number], number>(
  'int epoll_wait(int epoll, void *events, int most, int milliseconds)',
);

const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const EPOLL_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_LINGER = 13;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** struct tcp_info: tcpi_rtt, in microseconds. */
const rttAt = 68;
const EPOLL_CTL_ADD = 1;
const EPOLLOUT = 4;
const EPOLLERR = 8;
const EPOLLHUP = 16;
const EINPROGRESS = 115;
/** struct epoll_event is packed on x86-64 alone (linux/eventpoll.h). */
const event = process.arch === 'x64' ? { bytes: 12, dataAt: 4 } : { bytes: 16, dataAt: 8 };
const eventsAtOnce = 256;

/** While something is under way epoll is asked so often, in milliseconds. */
const lookEvery = 2;

export type Ends = {
  readonly host: Address;
  readonly port: number;
  /** Instead of what the kernel takes. */
  readonly localAddress?: Address;
  /** Instead of what the kernel takes; the connection then ends by a reset, which leaves nothing of it behind. */
  readonly localPort?: number;
};

/** Calls once, unless it is cancelled: with 0 and the time of the handshake, or with an errno. */
export type Connected = (error: number, milliseconds: number) => void;

export type Connector = {
  /** Closes the connection as soon as it stands. Returns how to give up. Throws SYSTEM_CALL. */
  connect(ends: Ends, connected: Connected): () => void;
};

export function createConnector(): Connector {
  const waiting = new Map<number, Connected>();
  const events = new Uint8Array(eventsAtOnce * event.bytes);
  const view = new DataView(events.buffer);
  let epoll: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const count = called('epoll_wait', epollWait(epoll ?? -1, events, eventsAtOnce, 0));
    for (let at = 0; at < count; at++) {
      const flags = view.getUint32(at * event.bytes, true);
      const fd = view.getUint32(at * event.bytes + event.dataAt, true);
      const connected = waiting.get(fd);
      waiting.delete(fd);
      const error = flags & (EPOLLERR | EPOLLHUP) ? errorOf(fd) : 0;
      const milliseconds = error === 0 ? handshakeOf(fd) : 0;
      closeFd(fd);
      connected?.(error, milliseconds);
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    connect(ends, connected) {
      epoll ??= called('epoll_create1', epollCreate(EPOLL_CLOEXEC));
      const fd = begin(ends);
      const wanted = new Uint8Array(event.bytes);
      const words = new DataView(wanted.buffer);
      words.setUint32(0, EPOLLOUT, true);
      words.setUint32(event.dataAt, fd, true);
      called('epoll_ctl', epollControl(epoll, EPOLL_CTL_ADD, fd, wanted));
      waiting.set(fd, connected);
      timer ??= setInterval(look, lookEvery);
      return () => {
        if (waiting.get(fd) !== connected) return;
        waiting.delete(fd);
        closeFd(fd);
      };
    },
  };
}

function begin({ host, port, localAddress, localPort }: Ends): number {
  const family = familyOf(host) === 6 ? families[6] : families[4];
  const fd = called('socket', socket(family.domain, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
  try {
    if (localPort !== undefined) {
      const yes = Uint8Array.of(1, 0, 0, 0);
      called('setsockopt(SO_REUSEADDR)', setOption(fd, SOL_SOCKET, SO_REUSEADDR, yes, yes.length));
      const atOnce = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0); // struct linger: on, 0 seconds
      called('setsockopt(SO_LINGER)', setOption(fd, SOL_SOCKET, SO_LINGER, atOnce, atOnce.length));
      const own = socketAddress(localAddress ?? (family.any as Address), localPort);
      called('bind', bind(fd, own, own.length));
    }
    const peer = socketAddress(host, port);
    const failed = connect(fd, peer, peer.length) < 0 ? errno() : 0;
    if (failed !== 0 && failed !== EINPROGRESS) checked('connect', -failed);
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

const families = {
  4: { domain: 2, any: '0.0.0.0' },
  6: { domain: 10, any: '::' },
} as const;

function errorOf(fd: number): number {
  const value = new Uint32Array(1);
  const octets = new Uint8Array(value.buffer);
  called('getsockopt(SO_ERROR)', getOption(fd, SOL_SOCKET, SO_ERROR, octets, Uint32Array.of(4)));
  return value[0] ?? 0;
}

/** How long the handshake took by the kernel's clock, in milliseconds. */
function handshakeOf(fd: number): number {
  const info = new Uint8Array(rttAt + 4);
  called('getsockopt(TCP_INFO)', getOption(fd, IPPROTO_TCP, TCP_INFO, info, Uint32Array.of(info.length)));
  return new DataView(info.buffer).getUint32(rttAt, true) / 1000;
}
