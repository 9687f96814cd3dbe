/** The interfaces of the calling thread's network namespace. */

import { closeFd } from './bpf-program.ts';
import { checked, SystemCallError } from './errno.ts';
import { errno, libc } from './ffi.ts';
import { type Link, linkDumpRequest, parseLinkDump } from './rtnetlink.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const send = libc<[number, Uint8Array, number, number], number>(
  'long send(int fd, const void *data, size_t length, int flags)',
);
const receive = libc<[number, Uint8Array, number, number], number>(
  'long recv(int fd, void *data, size_t length, int flags)',
);

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;

/** All links, in the kernel's order. The socket lives only as long as the call. */
export function listLinks(): readonly Link[] {
  const fd = syscall('socket(AF_NETLINK)', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  try {
    const request = linkDumpRequest();
    syscall('send(RTM_GETLINK)', send(fd, request, request.length, 0));
    const links: Link[] = [];
    const buffer = new Uint8Array(65536);
    for (;;) {
      const length = syscall('recv(RTM_GETLINK)', receive(fd, buffer, buffer.length, 0));
      const part = parseLinkDump(buffer.subarray(0, length));
      if (part.error) throw new SystemCallError('RTM_GETLINK', part.error);
      links.push(...part.links);
      if (part.done) return links;
    }
  } finally {
    closeFd(fd);
  }
}

function syscall(call: string, result: number): number {
  return checked(call, result < 0 ? -errno() : result);
}
