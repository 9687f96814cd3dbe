import { expect, test } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { decodeVipKey, encodeVipKey, vipKeyBytes } from './vip-key.ts';

test('a key is the address in network order, filled up with zeros, and its family', () => {
  const zeros = Array.from({ length: 12 }, () => 0);
  expect([...encodeVipKey('192.0.2.100' as Address)]).toEqual([192, 0, 2, 100, ...zeros, 4, 0, 0, 0]);
  expect([...encodeVipKey('::1' as Address)]).toEqual([0, 0, 0, ...zeros, 1, 6, 0, 0, 0]);
});

test.for(['192.0.2.100', '2001:db8:1::100', '::', '0.0.0.0'])('%s comes back from its key', (text) => {
  const before = new Uint8Array(7); // keys are read out of the midst of a batch
  const bytes = Uint8Array.from([...before, ...encodeVipKey(text as Address)]);
  expect(decodeVipKey(bytes.subarray(7, 7 + vipKeyBytes))).toBe(text);
});
