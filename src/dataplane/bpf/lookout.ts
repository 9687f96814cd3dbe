/**
 * Whether what leaves this host is to be looked at (bpf/lib/egress.h): the filter for that costs every packet that the
 * director sends on. It is where a real server is this host itself, or may be. A change that brings one is known
 * beforehand; what else makes one this host itself, such as an address that comes to it, is seen by who asks now and then.
 */

import { type Address, isLoopback } from '../../ipvs/address.ts';
import type { DirectorMaps } from './director-maps.ts';
import type { Change, Holding, Place } from './table/entries.ts';

type Server = Pick<Holding, 'method' | 'address'>;

export type LookoutModules = {
  readonly maps: Pick<DirectorMaps, 'pressure' | 'settings'>;
  /** Every real server, deleted ones included. */
  readonly servers: () => Iterable<Server>;
  /** This host's addresses. */
  readonly own: () => ReadonlySet<Address>;
};

export function createLookout({ maps, servers, own }: LookoutModules) {
  /** Whether one of them is this host, or its packets are to be translated if it ever is. */
  const mayAnswer = (some: Iterable<Server>): boolean => {
    let mine: ReadonlySet<Address> | undefined;
    for (const { method, address } of some) {
      if (method === 'masq') return true;
      mine ??= own();
      // All of 127.0.0.0/8 is this host, whatever lo has of it (RFC 1122 section 3.2.1.3).
      if (mine.has(address) || isLoopback(address)) return true;
    }
    return false;
  };
  /** Whether the filter would do something now: replies there may be, and those that an upgrade has yet to learn of. */
  const isAtWork = (): boolean =>
    maps.pressure.get(0).replies > 0 || maps.settings.get(0).carryingSince !== 0n;
  return { mayAnswer, isAtWork, isNeeded: (): boolean => isAtWork() || mayAnswer(servers()) };
}

/** Real servers that come, or are reached in another way than before. Pure. */
export function serversIn({ destinations }: Pick<Change, 'destinations'>): readonly Server[] {
  const methodOf = (place: Place): string | undefined =>
    place.kind === 'listed' ? place.holding.method : undefined;
  return destinations.flatMap(({ before, after }) =>
    after.kind === 'listed' && methodOf(before) !== methodOf(after) ? after.holding : [],
  );
}
