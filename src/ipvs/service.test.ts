import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes, type Port } from './address.ts';
import {
  fullNetmask,
  maxMark,
  parseServiceKeyText,
  protocols,
  type ServiceKey,
  serviceFamily,
  serviceKeyText,
} from './service.ts';

const key: fc.Arbitrary<ServiceKey> = fc.oneof(
  fc.record({
    kind: fc.constant('mark' as const),
    mark: fc.integer({ min: 1, max: maxMark }),
    family: fc.constantFrom(4 as const, 6 as const),
  }),
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom(...protocols),
    address: fc
      .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
      .map(addressFromBytes),
    port: fc.nat(0xffff).map((port) => port as Port),
  }),
);

describe("a service's key", () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(key, (value) => {
        expect(parseServiceKeyText(serviceKeyText(value))).toEqual(value);
      }),
    );
  });

  it.each([
    ['tcp:10.0.0.1:80', 4],
    ['udp:[fd00::1]:53', 6],
    ['sctp:10.0.0.1:0', 4],
    ['mark:7', 4],
    ['mark6:4294967295', 6],
  ])('may be %s, of family %i', (text, family) => {
    const read = parseServiceKeyText(text);
    expect(read && serviceKeyText(read)).toBe(text);
    expect(read && serviceFamily(read)).toBe(family);
  });

  it.each([
    ...[
      '',
      'tcp',
      'tcp:',
      'tcp:10.0.0.1',
      'tcp:10.0.0.1:65536',
      'tcp:10.0.0.1:80:1',
      '10.0.0.1:80',
      'TCP:10.0.0.1:80',
    ],
    ...[
      'icmp:10.0.0.1:80',
      'tcp:fd00::1:80',
      'mark',
      'mark:',
      'mark:0',
      'mark:07',
      'mark:-1',
      'mark:4294967296',
      'mark4:7',
    ],
  ])('is not %j', (text) => {
    expect(parseServiceKeyText(text)).toBeUndefined();
  });
});

it('without a netmask every client address is one of its own', () => {
  expect([fullNetmask(4), fullNetmask(6)]).toEqual([0xffffffff, 128]);
});
