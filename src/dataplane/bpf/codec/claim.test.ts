import { expect, it } from 'vitest';
import type { Address } from '../../../ipvs/address.ts';
import { addressToWords } from './address.ts';
import { decodeClaim } from './claim.ts';

it('a claim says who claimed what, how, how often and when', () => {
  const key = {
    ...{ vip: addressToWords('10.0.0.100' as Address), mac: [2, 0, 0xac, 0x19, 0x8a, 3], family: 4 },
    interface: 7,
  };
  const claim = { firstSeen: 1_000_000_000n, lastSeen: 9_500_000_000n, count: 3, kinds: 1 | 4 };
  expect(decodeClaim(key, claim, 10_000_000_000n)).toEqual({
    ...{ vip: '10.0.0.100', mac: '02:00:ac:19:8a:03', interface: 7 },
    kinds: ['question', 'announcement'],
    ...{ count: 3, firstSecondsAgo: 9, lastSecondsAgo: 0 },
  });
});
