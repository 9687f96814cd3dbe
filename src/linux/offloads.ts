/** What an interface's driver does to packets on their way in (ethtool(8), linux/ethtool.h). */

import { closeFd } from './bpf-program.ts';
import { address, called, libc } from './ffi.ts';

const socket = libc<[number, number, number], number>('int socket(int domain, int type, int protocol)');
const ioctl = libc<[number, number, Uint8Array], number>(
  'int ioctl(int fd, unsigned long request, void *argument)',
);

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GFLAGS = 0x25;
const ETH_FLAG_LRO = 1 << 15;
const nameRoom = 16; // IFNAMSIZ, with the zero at its end

/** Whether large receive offload is on; `undefined` where the driver does not say. Throws SYSTEM_CALL. */
export function mergesOnReceive(name: string): boolean | undefined {
  const fd = called('socket', socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  try {
    // struct ethtool_value, behind struct ifreq.
    const value = new Uint8Array(8);
    const view = new DataView(value.buffer);
    view.setUint32(0, ETHTOOL_GFLAGS, true);
    const request = new Uint8Array(40);
    request.set(Buffer.from(name, 'latin1').subarray(0, nameRoom - 1));
    new DataView(request.buffer).setBigUint64(nameRoom, address(value), true);
    if (ioctl(fd, SIOCETHTOOL, request) < 0) return undefined;
    return (view.getUint32(4, true) & ETH_FLAG_LRO) !== 0;
  } finally {
    closeFd(fd);
  }
}
