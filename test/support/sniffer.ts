/** What leaves the director for good: frames that arrive at the other ends of its wires, by a packet socket. */

import { checked } from '../../src/linux/errno.ts';
import { errno, libc } from '../../src/linux/ffi.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const receive = libc<[number, Uint8Array, number, number], number>(
  'long recv(int socket, void *buffer, size_t length, int flags)',
);
const close = libc<[number], number>('int close(int descriptor)');

const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
const everyProtocol = 0x0300; // ETH_P_ALL in network order
const EAGAIN = 11;

export type Sniffer = {
  /** The frames that have come since the last call, but for those to many: a kernel's own chatter. */
  readonly drain: () => readonly Uint8Array[];
  readonly close: () => void;
};

/** Of all interfaces of the thread's namespace. */
export function openSniffer(): Sniffer {
  const fd = checked(
    'socket(AF_PACKET)',
    asResult(socket(AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, everyProtocol)),
  );
  const room = new Uint8Array(0x10000);
  return {
    drain: () => {
      const frames: Uint8Array[] = [];
      for (;;) {
        const length = asResult(receive(fd, room, room.length, 0));
        if (length === -EAGAIN) return frames;
        checked('recv', length);
        if (((room[0] ?? 0) & 1) === 0) frames.push(room.slice(0, length));
      }
    },
    close: () => {
      close(fd);
    },
  };
}

function asResult(result: number): number {
  return result < 0 ? -errno() : result;
}
