/** One datagram to a unix socket (unix(7)), which Node has no socket for. */

import { closeFd } from './bpf-program.ts';
import { SystemCallError } from './errno.ts';
import { errno, libc } from './ffi.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const sendTo = libc<[number, Uint8Array, number, number, Uint8Array, number], number>(
  'long sendto(int fd, const void *data, size_t length, int flags, const void *to, uint32_t size)',
);

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** `path` may be of the abstract namespace: `@name`. Throws SYSTEM_CALL; never waits. */
export function sendDatagram(path: string, text: string): void {
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new SystemCallError('socket(AF_UNIX)', errno());
  try {
    const data = Buffer.from(text);
    const to = unixAddress(path);
    if (sendTo(fd, data, data.length, MSG_DONTWAIT | MSG_NOSIGNAL, to, to.length) < 0)
      throw new SystemCallError(`sendto(${path})`, errno());
  } finally {
    closeFd(fd);
  }
}

/** struct sockaddr_un as far as the path goes. */
function unixAddress(path: string): Uint8Array {
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`;
  return Buffer.concat([Buffer.from(Uint16Array.of(AF_UNIX).buffer), Buffer.from(name)]);
}
