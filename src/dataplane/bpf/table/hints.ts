/**
 * What spares packets a look: how many services there are of some kinds, in `settings`, and which
 * addresses services have, in `vips`. Before a commit they say at least what holds before and after it. Pure.
 */

import type { Address } from '../../../ipvs/address.ts';
import { serviceFamily } from '../../../ipvs/service.ts';
import type { flSettings } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import type { Change, ServiceEntry } from './entries.ts';

export type Hints = Pick<
  Decoded<typeof flSettings>,
  'addressServices' | 'markServices' | 'ipv4Services' | 'ipv6Services' | 'ftpServices' | 'anyPortServices'
>;

export const noHints: Hints = {
  addressServices: 0,
  markServices: 0,
  ipv4Services: 0,
  ipv6Services: 0,
  ftpServices: 0,
  anyPortServices: 0,
};

const ftpPort = 21;

/** Hints that grow or shrink by what is counted. */
type Tally = { -readonly [K in keyof Hints]: number };

function countService(tally: Tally, service: ServiceEntry | undefined, amount: number): void {
  if (service) tally[serviceFamily(service) === 4 ? 'ipv4Services' : 'ipv6Services'] += amount;
  if (service?.kind === 'mark') tally.markServices += amount;
  if (service?.kind !== 'address') return;
  tally.addressServices += amount;
  if (service.protocol === 'tcp' && service.port === ftpPort) tally.ftpServices += amount;
  if (service.port === 0) tally.anyPortServices += amount;
}

/** The hints after a change. */
export function hintsAfter(hints: Hints, { services }: Pick<Change, 'services'>): Hints {
  const tally: Tally = { ...hints };
  for (const { before, after } of services) {
    countService(tally, before, -1);
    countService(tally, after, 1);
  }
  return tally;
}

/** Enough for either. */
export function highest(a: Hints, b: Hints): Hints {
  const most = (name: keyof Hints): number => Math.max(a[name], b[name]);
  return {
    addressServices: most('addressServices'),
    markServices: most('markServices'),
    ipv4Services: most('ipv4Services'),
    ipv6Services: most('ipv6Services'),
    ftpServices: most('ftpServices'),
    anyPortServices: most('anyPortServices'),
  };
}

export function sameHints(a: Hints, b: Hints): boolean {
  return hintNames.every((name) => a[name] === b[name]);
}

const hintNames = Object.keys(noHints) as readonly (keyof Hints)[];

/** How many services each address gains or loses by a change. */
export function vipsOfChange({ services }: Change): ReadonlyMap<Address, number> {
  const gains = new Map<Address, number>();
  const gain = (service: ServiceEntry | undefined, amount: number): void => {
    if (service?.kind !== 'address') return;
    gains.set(service.address, (gains.get(service.address) ?? 0) + amount);
  };
  for (const { before, after } of services) {
    gain(after, 1);
    gain(before, -1);
  }
  return new Map([...gains].filter(([, amount]) => amount !== 0));
}

/** Addresses that have a service after such a change and none before it, and the other way round. */
export function turnover(
  vips: ReadonlyMap<Address, number>,
  gains: ReadonlyMap<Address, number>,
): { readonly comes: readonly Address[]; readonly goes: readonly Address[] } {
  const changed = [...gains].map(([address, gain]) => {
    const before = vips.get(address) ?? 0;
    return { address, before, after: before + gain };
  });
  const addresses = (of: (each: (typeof changed)[number]) => boolean): readonly Address[] =>
    changed.filter(of).map(({ address }) => address);
  return {
    comes: addresses(({ before, after }) => before <= 0 && after > 0),
    goes: addresses(({ before, after }) => before > 0 && after <= 0),
  };
}
