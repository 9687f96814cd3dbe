/** Switching an interface's offloads, as ethtool(8) does it (ethtool -K DEVICE tx off). */

import koffi from 'koffi';
import { inNamespace } from '../../src/linux/namespace.ts';
import type { Namespace } from './support.ts';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const ioctl = libc.func('int ioctl(int fd, unsigned long request, _Inout_ uint8_t *argument)');
const close = libc.func('int close(int fd)');

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCETHTOOL = 0x8946;

const ETHTOOL_STXCSUM = 0x17;

/** From here on the sender finishes its checksums itself, as on a wire. Throws where the driver cannot. */
export function finishChecksums({ name }: Namespace, device: string): void {
  const value = new Uint32Array([ETHTOOL_STXCSUM, 0]); // struct ethtool_value
  const request = Buffer.alloc(40); // struct ifreq
  request.write(device, 'latin1');
  request.writeBigUInt64LE(BigInt(koffi.address(value)), 16);
  const result = inNamespace(`/run/netns/${name}`, () => {
    const fd = socket(AF_INET, SOCK_DGRAM, 0);
    try {
      return ioctl(fd, SIOCETHTOOL, request) < 0 ? koffi.errno() : 0;
    } finally {
      close(fd);
    }
  });
  if (result !== 0) throw new Error(`SIOCETHTOOL on ${device}: errno ${result}`);
}
