/** Which addresses of a host look virtual. Pure. */

import { type Address, isLoopback, isUnicast } from '../ipvs/address.ts';
import { fullLength } from '../ipvs/prefix.ts';
import type { LocalInterface } from '../linux/iproute.ts';

/**
 * What is on lo or a dummy, loopback addresses left out; and on other interfaces what has a prefix of full length
 * beside an address that has not. What is leased is an address of the host's own.
 */
export function virtualLooking(interfaces: readonly LocalInterface[]): readonly Address[] {
  const found = interfaces.flatMap(({ name, kind, addresses }) => {
    const own = addresses.filter(
      ({ address, scope, isDynamic }) => isUnicast(address) && scope === 'global' && !isDynamic,
    );
    if (name === 'lo' || kind === 'dummy') return own.filter(({ address }) => !isLoopback(address));
    return own.filter(
      ({ address, prefix, family }) =>
        prefix === fullLength(address) &&
        own.some((other) => other.family === family && other.prefix < fullLength(address)),
    );
  });
  return [...new Set(found.map(({ address }) => address))];
}
