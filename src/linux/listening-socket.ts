/** A TCP socket that listens in the calling thread's network namespace, to be handed to an event loop. */

import { type Address, familyOf } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { called, libc } from './ffi.ts';
import { socketAddress } from './socket-address.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const bind = libc<[number, Uint8Array, number], number>('int bind(int fd, const void *address, int length)');
const listen = libc<[number, number], number>('int listen(int fd, int backlog)');
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const option = libc<[number, number, number, Uint8Array, Uint32Array], number>(
  'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *length)',
);

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_NETNS_COOKIE = 71;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const backlog = 128;
const yes = Uint8Array.of(1, 0, 0, 0);

/** The descriptor is the caller's. `::` is of IPv6 alone. Throws SYSTEM_CALL. */
export function listenOn(address: Address, port: number): number {
  const isIpv4 = familyOf(address) === 4;
  const fd = openSocket(isIpv4 ? AF_INET : AF_INET6);
  try {
    called('setsockopt(SO_REUSEADDR)', setOption(fd, SOL_SOCKET, SO_REUSEADDR, yes, yes.length));
    if (!isIpv4) called('setsockopt(IPV6_V6ONLY)', setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, yes, yes.length));
    const name = socketAddress(address, port);
    called('bind', bind(fd, name, name.length));
    called('listen', listen(fd, backlog));
    return fd;
  } catch (error) {
    closeFd(fd);
    throw error;
  }
}

/** A number that no other network namespace has had or will have until the machine starts again (Linux 5.14). */
export function namespaceCookie(): bigint {
  const fd = openSocket(AF_INET);
  try {
    const value = new Uint8Array(8);
    called('getsockopt(SO_NETNS_COOKIE)', option(fd, SOL_SOCKET, SO_NETNS_COOKIE, value, Uint32Array.of(8)));
    return new DataView(value.buffer).getBigUint64(0, true);
  } finally {
    closeFd(fd);
  }
}

function openSocket(family: number): number {
  return called('socket', socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}
