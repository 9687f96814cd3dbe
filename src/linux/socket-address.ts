/** Addresses as system calls take them: struct sockaddr_in (ip(7)) and struct sockaddr_in6 (ipv6(7)). Pure. */

import { type Address, addressToBytes, familyOf } from '../ipvs/address.ts';

const layouts = {
  4: { domain: 2, bytes: 16, addressAt: 4 },
  6: { domain: 10, bytes: 28, addressAt: 8 },
} as const;

export function socketAddress(address: Address, port = 0): Uint8Array {
  const { domain, bytes, addressAt } = layouts[familyOf(address)];
  const octets = new Uint8Array(bytes);
  const view = new DataView(octets.buffer);
  view.setUint16(0, domain, true);
  view.setUint16(2, port);
  octets.set(addressToBytes(address), addressAt);
  return octets;
}
