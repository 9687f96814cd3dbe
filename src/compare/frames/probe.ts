/** A frame that the director answers, and that nobody can take for traffic. Pure. */

import { addressBytes, macBytes } from './address.ts';

/** Nobody else has it. */
const asker = '02:00:00:00:00:ff';

const broadcast = 'ff:ff:ff:ff:ff:ff';
const ethertypeArp = [0x08, 0x06];
/** Ethernet and IPv4, with addresses of 6 and 4 bytes; a request. */
const question = [0, 1, 8, 0, 6, 4, 0, 1];

/** An ARP probe (RFC 5227 section 2.1.1): answered by who has the address, and remembered by nobody. */
export function buildProbe(address: string): Buffer {
  const ethernet = [macBytes(broadcast), macBytes(asker), Buffer.from(ethertypeArp)];
  const sender = [macBytes(asker), Buffer.alloc(4)];
  const target = [Buffer.alloc(6), addressBytes(address)];
  return Buffer.concat([...ethernet, Buffer.from(question), ...sender, ...target]);
}
