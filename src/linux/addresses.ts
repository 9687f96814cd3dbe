/** Addresses on the interfaces of the calling thread's network namespace. */

import { SystemCallError } from './errno.ts';
import { askKernel } from './netlink-socket.ts';
import {
  addressAddition,
  addressDumpRequest,
  addressesIn,
  addressRemoval,
  type HeldAddress,
} from './rtnetlink-address.ts';

const EADDRNOTAVAIL = 99;

/** All addresses, in the kernel's order. */
export function listAddresses(): readonly HeldAddress[] {
  return addressesIn(askKernel('RTM_GETADDR', addressDumpRequest()));
}

/** Puts an address on an interface and marks it as ours. Throws SYSTEM_CALL. */
export function addAddress(address: Omit<HeldAddress, 'isOurs'>): void {
  askKernel('RTM_NEWADDR', addressAddition(address));
}

/** Takes an address off an interface; that it is not there is well, too. Throws SYSTEM_CALL. */
export function removeAddress(address: Omit<HeldAddress, 'isOurs'>): void {
  try {
    askKernel('RTM_DELADDR', addressRemoval(address));
  } catch (error) {
    if (!(error instanceof SystemCallError && error.errno === EADDRNOTAVAIL)) throw error;
  }
}
