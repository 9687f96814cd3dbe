/** Addresses on the interfaces of the calling thread's network namespace. */

import type { Address } from '../ipvs/address.ts';
import { SystemCallError } from './errno.ts';
import { askKernel } from './netlink-socket.ts';
import {
  type AddressPlace,
  addressAddition,
  addressDumpRequest,
  addressesIn,
  addressRemoval,
  addressRestoration,
  type HeldAddress,
  stampsIn,
} from './rtnetlink-address.ts';

const EADDRNOTAVAIL = 99;

/** All addresses, in the kernel's order. */
export function listAddresses(): readonly HeldAddress[] {
  return addressesIn(askKernel('RTM_GETADDR', addressDumpRequest()));
}

/** How long each address has been there, in seconds; of one that is there twice, the shorter time. */
export function addressAges(): ReadonlyMap<Address, number> {
  const now = Number(process.hrtime.bigint()) / 1e9;
  const stamps = stampsIn(askKernel('RTM_GETADDR', addressDumpRequest()));
  const sorted = [...stamps].sort((a, b) => a.createdSeconds - b.createdSeconds);
  return new Map(sorted.map(({ address, createdSeconds }) => [address, Math.max(0, now - createdSeconds)]));
}

/** Puts an address on an interface and marks it as ours. Throws SYSTEM_CALL. */
export function addAddress(address: AddressPlace): void {
  askKernel('RTM_NEWADDR', addressAddition(address));
}

/** Makes an address again what it was when it was listed. Throws SYSTEM_CALL. */
export function restoreAddress(address: HeldAddress): void {
  askKernel('RTM_NEWADDR', addressRestoration(address));
}

/** Takes an address off an interface; that it is not there is well, too. Throws SYSTEM_CALL. */
export function removeAddress(address: AddressPlace): void {
  try {
    askKernel('RTM_DELADDR', addressRemoval(address));
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === EADDRNOTAVAIL)) throw error;
  }
}
