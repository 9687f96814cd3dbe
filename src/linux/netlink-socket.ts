/** Questions to the kernel by rtnetlink(7), about the calling thread's network namespace. */

import { closeFd } from './bpf-program.ts';
import { SystemCallError } from './errno.ts';
import { called, libc } from './ffi.ts';
import { type AnswerPart, parseAnswer } from './netlink.ts';

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

/**
 * Sends a request and returns the messages of the answer up to its end. `call` is the request's name, for the
 * SystemCallError that is thrown where it is refused. The socket lives only as long as the call.
 */
export function askKernel(call: string, request: Uint8Array): AnswerPart['messages'] {
  const fd = called('socket(AF_NETLINK)', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  try {
    called(`send(${call})`, send(fd, request, request.length, 0));
    const messages: AnswerPart['messages'][number][] = [];
    for (;;) {
      const buffer = new Uint8Array(65536);
      const length = called(`recv(${call})`, receive(fd, buffer, buffer.length, 0));
      const part = parseAnswer(buffer.subarray(0, length));
      if (part.error) throw new SystemCallError(call, part.error);
      messages.push(...part.messages);
      if (part.done) return messages;
    }
  } finally {
    closeFd(fd);
  }
}
