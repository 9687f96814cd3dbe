import { describe, expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { LocalInterface } from '../linux/iproute.ts';
import { announcementsOf } from './announce.ts';
import { eth0, held, own, vip } from './view.fixture.ts';

const lo = (address: Address): LocalInterface => ({ ...eth0(held(address, 32)), name: 'lo', mac: undefined });

function refusalOf(interfaces: readonly LocalInterface[], address: Address): string | undefined {
  try {
    announcementsOf(interfaces, address);
    return undefined;
  } catch (error) {
    return error instanceof FairleadError ? error.code : String(error);
  }
}

describe('an announcement', () => {
  it('goes to the segment whose network the address is of, wherever it is held', () => {
    expect(announcementsOf([lo(vip), eth0(held(own, 24))], vip)).toEqual([
      { address: vip, interface: 'eth0' },
    ]);
  });

  it('of an address that is not here is refused', () => {
    expect(refusalOf([eth0(held(own, 24))], vip)).toBe('ADDRESS_NOT_HERE');
  });

  it('that nobody would hear is refused', () => {
    const elsewhere = '203.0.113.9' as Address;
    expect(refusalOf([lo(elsewhere), eth0(held(own, 24))], elsewhere)).toBe('ADDRESS_WITHOUT_SEGMENT');
    expect(refusalOf([lo(vip), { ...eth0(held(own, 24)), isUp: false }], vip)).toBe(
      'ADDRESS_WITHOUT_SEGMENT',
    );
  });
});
