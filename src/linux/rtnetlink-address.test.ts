import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes } from '../ipvs/address.ts';
import { parseAnswer } from './netlink.ts';
import { addressAddition, addressesIn, addressRemoval, addressRestoration } from './rtnetlink-address.ts';

const anyAddress = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(addressFromBytes);

const held = (bytes: Uint8Array) => addressesIn(parseAnswer(bytes).messages);

describe('an address on an interface', () => {
  it('is read as it is written, and known to be ours', () => {
    fc.assert(
      fc.property(fc.nat(0x7fffffff), anyAddress, fc.nat(32), (index, address, length) => {
        expect(held(addressAddition({ index, address, length }))).toMatchObject([
          { index, address, length, isOurs: true },
        ]);
      }),
    );
  });

  it('can be made again what it was found to be', () => {
    const message = addressAddition({ index: 2, address: 'fd00::1' as never, length: 64 });
    message[message.length - 4] = 18; // keepalived's
    const [found] = held(message);
    expect(found && addressRestoration(found)).toEqual(message);
  });

  it('has a peer where its other end is another one', () => {
    const message = addressAddition({ index: 2, address: '10.0.0.1' as never, length: 32 });
    expect(held(message)[0]).not.toHaveProperty('peer');
    message[16 + 8 + 8 + 7] = 2; // the last octet of IFA_ADDRESS, behind both headers and IFA_LOCAL
    expect(held(message)).toMatchObject([{ address: '10.0.0.1', peer: '10.0.0.2' }]);
  });

  it('is of somebody else without our mark', () => {
    const message = addressAddition({ index: 2, address: '10.0.0.1' as never, length: 32 });
    message[message.length - 4] = 18; // keepalived's
    expect(held(message)).toMatchObject([{ isOurs: false }]);
  });

  it('of IPv6 is usable at once (nodad), and never a source (preferred for 0 seconds)', () => {
    const [header, removal] = [addressAddition, addressRemoval].map((request) =>
      request({ index: 7, address: 'fd00::1' as never, length: 128 }).subarray(16),
    );
    expect([...(header?.subarray(0, 8) ?? [])]).toEqual([10, 128, 2, 0, 7, 0, 0, 0]);
    expect(
      Buffer.from(header ?? []).includes(Buffer.from([20, 0, 6, 0, 0, 0, 0, 0, 255, 255, 255, 255])),
    ).toBe(true);
    expect(removal?.length).toBe(8 + 20 + 20);
  });

  it('is whatever bytes say, as far as they go', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(addressesIn([{ type: 20, body: bytes }]).length).toBeLessThan(2);
      }),
    );
  });
});
