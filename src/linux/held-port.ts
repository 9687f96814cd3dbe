/**
 * A port that is this host's and silent, in TCP and UDP: packets to it are dropped by a socket filter, so that
 * the kernel answers them with neither a reset nor an ICMP error. For probes that a packet socket sends.
 */

import type { Address } from '../ipvs/address.ts';
import { closeFd } from './bpf-program.ts';
import { called, libc } from './ffi.ts';
import { socketAddress } from './socket-address.ts';
import { attachFilter, takeNothing } from './socket-filter.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const bind = libc<[number, Uint8Array, number], number>('int bind(int fd, const void *address, int length)');
const listen = libc<[number, number], number>('int listen(int fd, int backlog)');
const nameOf = libc<[number, Uint8Array, Uint32Array], number>(
  'int getsockname(int fd, void *address, _Inout_ uint32_t *length)',
);
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const attempts = 16;

export type HeldPort = { readonly port: number; close(): void };

/** One the kernel chooses, free in both protocols and in both families where there are two. Throws SYSTEM_CALL. */
export function holdPort(): HeldPort {
  for (let attempt = 1; ; attempt++) {
    const fds: number[] = [];
    const close = (): void => {
      for (const fd of fds) closeFd(fd);
    };
    try {
      const port = portOf(hold(fds, AF_INET, SOCK_STREAM, 0));
      hold(fds, AF_INET, SOCK_DGRAM, port);
      for (const type of hasIpv6() ? [SOCK_STREAM, SOCK_DGRAM] : []) hold(fds, AF_INET6, type, port);
      return { port, close };
    } catch (error) {
      close();
      if (attempt === attempts) throw error;
    }
  }
}

function hold(fds: number[], family: number, type: number, port: number): number {
  const fd = called('socket', socket(family, type | SOCK_CLOEXEC, 0));
  fds.push(fd);
  attachFilter(fd, takeNothing);
  if (family === AF_INET6) {
    const yes = Uint8Array.of(1, 0, 0, 0);
    called('setsockopt(IPV6_V6ONLY)', setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, yes, yes.length));
  }
  const address = socketAddress((family === AF_INET ? '0.0.0.0' : '::') as Address, port);
  called('bind', bind(fd, address, address.length));
  if (type === SOCK_STREAM) called('listen', listen(fd, 1));
  return fd;
}

function portOf(fd: number): number {
  const address = new Uint8Array(28);
  called('getsockname', nameOf(fd, address, Uint32Array.of(address.length)));
  return new DataView(address.buffer).getUint16(2);
}

function hasIpv6(): boolean {
  const fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  closeFd(fd);
  return true;
}
