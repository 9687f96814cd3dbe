/**
 * Packet sockets (packet(7)): frames as they are on the wire, in and out, by one interface. Nothing here waits.
 *
 * A socket of one ethertype stands behind TC in the kernel's receive path: what the director forwards there
 * never reaches it, and costs nothing.
 */

import { closeFd } from './bpf-program.ts';
import { EAGAIN, SystemCallError } from './errno.ts';
import { called, errno, libc } from './ffi.ts';
import { attachFilter, type FilterProgram } from './socket-filter.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const bind = libc<[number, Uint8Array, number], number>('int bind(int fd, const void *address, int length)');
const send = libc<[number, Uint8Array, number, number], number>(
  'long send(int fd, const void *data, size_t length, int flags)',
);
const receive = libc<[number, Uint8Array, number, number], number>(
  'long recv(int fd, void *data, size_t length, int flags)',
);
const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_PACKET = 263;
const PACKET_IGNORE_OUTGOING = 23;
const ENETDOWN = 100;
const longestFrame = 65536;

export type PacketSocket = {
  /** Puts a frame on the wire, Ethernet header and all. */
  send(frame: Uint8Array): void;
  /** The next frame that has arrived, if one has. */
  receive(): Uint8Array | undefined;
  close(): void;
};

/** Stands for every ethertype, before TC: there the filter is run for every packet that arrives. */
export const everyEthertype = 0x0003;

/** Frames of one ethertype that an interface receives, as far as the filter lets them through. */
export function openPacketSocket(index: number, ethertype: number, filter?: FilterProgram): PacketSocket {
  // Of no protocol at first: nothing arrives before the filter is there.
  const fd = called('socket(AF_PACKET)', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    if (filter) attachFilter(fd, filter);
    const yes = Uint8Array.of(1, 0, 0, 0);
    called('setsockopt', setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, yes, yes.length));
    const address = linkAddress(index, ethertype);
    called('bind(AF_PACKET)', bind(fd, address, address.length));
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  const buffer = new Uint8Array(longestFrame);
  return {
    send: (frame) => {
      called('send(AF_PACKET)', send(fd, frame, frame.length, 0));
    },
    receive() {
      const length = receive(fd, buffer, buffer.length, 0);
      if (length >= 0) return buffer.slice(0, length);
      const error = errno();
      if (error === EAGAIN || error === ENETDOWN) return undefined;
      throw new SystemCallError('recv(AF_PACKET)', error);
    },
    close: () => closeFd(fd),
  };
}

/** struct sockaddr_ll, as far as bind(2) looks at it. */
function linkAddress(index: number, ethertype: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, ethertype);
  view.setInt32(4, index, true);
  return bytes;
}
