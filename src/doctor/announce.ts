/**
 * Telling the neighbours whose an address is: gratuitous ARP (RFC 5227 section 3), as a question and as an answer since
 * some hosts heed only one of them, or an unsolicited neighbour advertisement (RFC 4861 section 7.2.6).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Address, familyOf } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { LocalInterface } from '../linux/iproute.ts';
import { openPacketSocket } from '../linux/packet-socket.ts';
import { ethertypes, gratuitousArp, neighbourAdvertisement } from './frames/build.ts';
import { askersFor } from './segments.ts';

export type Announcement = { readonly address: Address; readonly interface: string };

const repetitions = 3;
const pauseMilliseconds = 100;

/** On which segments an address of this host's is to be announced. Throws ADDRESS_NOT_HERE, ADDRESS_WITHOUT_SEGMENT. */
export function announcementsOf(
  interfaces: readonly LocalInterface[],
  address: Address,
): readonly Announcement[] {
  if (!interfaces.some(({ addresses }) => addresses.some((own) => own.address === address)))
    throw new FairleadError('ADDRESS_NOT_HERE', address);
  const askers = askersFor(interfaces, address, new Set());
  if (askers.length === 0) throw new FairleadError('ADDRESS_WITHOUT_SEGMENT', address);
  return askers.map((asker) => ({ address, interface: asker.interface }));
}

/** Sends them, each three times. Throws SYSTEM_CALL. */
export async function announce(
  interfaces: readonly LocalInterface[],
  announcements: readonly Announcement[],
): Promise<void> {
  for (let repetition = 0; repetition < repetitions; repetition++) {
    if (repetition > 0) await sleep(pauseMilliseconds);
    for (const { address, interface: name } of announcements) {
      const device = interfaces.find((candidate) => candidate.name === name);
      if (device?.mac !== undefined) send(device.index, framesFor(device.mac, address));
    }
  }
}

/** One announcement: both forms of gratuitous ARP, or a neighbour advertisement. */
export function framesFor(mac: string, address: Address): readonly Uint8Array[] {
  if (familyOf(address) === 6) return [neighbourAdvertisement(mac, address)];
  return [gratuitousArp(mac, address, 'request'), gratuitousArp(mac, address, 'reply')];
}

/** In the calling thread's network namespace. Throws SYSTEM_CALL. */
export function send(index: number, frames: readonly Uint8Array[]): void {
  const socket = openPacketSocket(index, ethertypes.arp);
  try {
    for (const frame of frames) socket.send(frame);
  } finally {
    socket.close();
  }
}
