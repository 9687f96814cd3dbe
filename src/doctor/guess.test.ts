import { expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import { virtualLooking } from './guess.ts';
import { eth0, held } from './view.fixture.ts';

const at = (text: string): Address => text as Address;
const lo = (...addresses: readonly ReturnType<typeof held>[]) => ({
  ...eth0(...addresses),
  name: 'lo',
  mac: undefined,
});

it('what is on lo or a dummy looks virtual, but for loopback addresses', () => {
  const loopback = [held(at('127.0.0.1'), 8), held(at('::1'), 128)];
  const dummy = { ...eth0(held(at('10.0.0.101'), 32)), name: 'dummy0', kind: 'dummy' };
  expect(virtualLooking([lo(...loopback, held(at('10.0.0.100'), 32)), dummy])).toEqual([
    '10.0.0.100',
    '10.0.0.101',
  ]);
});

it('and what stands alone on another interface, beside an address with a network', () => {
  expect(virtualLooking([eth0(held(at('10.0.0.11'), 24), held(at('10.0.0.100'), 32))])).toEqual([
    '10.0.0.100',
  ]);
});

it('but not the only address of a host, nor one that is leased', () => {
  expect(virtualLooking([eth0(held(at('10.0.0.11'), 32))])).toEqual([]);
  const leased = held(at('fd00::1234'), 128, { isDynamic: true });
  expect(virtualLooking([eth0(held(at('fd00::11'), 64), leased)])).toEqual([]);
});
