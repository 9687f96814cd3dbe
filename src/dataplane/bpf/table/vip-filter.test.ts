/** The filter hides no address that has a service, and forgets those that have none. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Address, ipv4FromNumber } from '../../../ipvs/address.ts';
import { addTo, filterBit, filterWords, takeFrom, type VipFilter, wordOf } from './vip-filter.ts';

/** Few enough that some share a bit, as IPv4's do with the IPv6 addresses that end like them. */
const anyAddress: fc.Arbitrary<Address> = fc
  .tuple(fc.nat(300), fc.boolean())
  .map(([number, isIpv6]) =>
    isIpv6 ? (`::${number.toString(16)}` as Address) : ipv4FromNumber((number * 0x01000193) >>> 0),
  );

const anyAddresses = fc.uniqueArray(anyAddress, { maxLength: 40 });

const has = (filter: VipFilter, address: Address): boolean => {
  const bit = filterBit(address);
  return ((wordOf(filter, Math.floor(bit / 64)) >> BigInt(bit % 64)) & 1n) === 1n;
};

it('has every address that came and did not go', () => {
  fc.assert(
    fc.property(anyAddresses, fc.array(fc.nat(39)), (addresses, picked) => {
      const filter: VipFilter = new Map();
      addTo(filter, addresses);
      const gone = [...new Set(picked)].flatMap((index) => addresses[index] ?? []);
      takeFrom(filter, gone);
      const left = addresses.filter((address) => !gone.includes(address));
      expect(left.filter((address) => !has(filter, address))).toEqual([]);
      takeFrom(filter, left);
      expect(filter.size).toBe(0);
    }),
  );
});

it('is written word by word to what it becomes', () => {
  fc.assert(
    fc.property(anyAddresses, anyAddresses, (before, comes) => {
      const fresh = comes.filter((address) => !before.includes(address));
      const goes = before.filter((_, index) => index % 2 === 0);
      const filter: VipFilter = new Map();
      addTo(filter, before);
      const written = filterWords(filter, { comes: fresh, goes });
      addTo(filter, fresh);
      takeFrom(filter, goes);
      for (const [index, { value }] of written) expect(value).toBe(wordOf(filter, index));
      const touched = new Set([...fresh, ...goes].map((address) => Math.floor(filterBit(address) / 64)));
      expect(new Set(written.map(([index]) => index))).toEqual(touched);
    }),
  );
});

it('takes 10.32.0.0 and the address behind it for different ones', () => {
  expect(filterBit('10.32.0.0' as Address)).not.toBe(filterBit('10.32.0.1' as Address));
});
