import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  endpointText,
  familyOf,
  ipv4FromNumber,
  ipv4ToNumber,
  isUnicast,
  type Port,
  parseAddress,
  parseEndpoint,
  parseIpv4,
  parseIpv6,
  parsePort,
} from './address.ts';

const number = fc.integer({ min: 0, max: 0xffffffff });
const address: fc.Arbitrary<Address> = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.nat(0xffff).map((low) => Uint8Array.of(0xfd, ...new Array<number>(13).fill(0), low >>> 8, low & 0xff)),
  )
  .map(addressFromBytes);
const port = fc.nat(0xffff).map((value) => value as Port);

describe('an IPv4 address', () => {
  it('is the same after the way to a number and back, and over its text', () => {
    fc.assert(
      fc.property(number, (value) => {
        const address = ipv4FromNumber(value);
        expect(ipv4ToNumber(address)).toBe(value);
        expect(parseIpv4(address)).toBe(address);
      }),
    );
  });

  it.each([
    ['0.0.0.0', 0],
    ['10.0.0.100', 0x0a000064],
    ['192.168.1.1', 0xc0a80101],
    ['255.255.255.255', 0xffffffff],
  ])('%s has the number %i', (text, value) => {
    const address = parseIpv4(text);
    expect(address).toBe(text);
    expect(address && ipv4ToNumber(address)).toBe(value);
  });

  it.each([
    ...['', '10', '10.0.0', '10.0.0.0.0', '10.0.0.256', '10.0.0.999', '010.0.0.1', '10.0.0.01', '1e1.0.0.0'],
    ...['10.0.0.-1', '10.0.0.1 ', ' 10.0.0.1', '10.0.0.1\n', '0x0a.0.0.1', '10.0.0.1/24', '::ffff:10.0.0.1'],
  ])('is not %j', (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });
});

describe('an address of either family', () => {
  it('is the same after the way through its octets, and over its text', () => {
    fc.assert(
      fc.property(address, (value) => {
        const bytes = addressToBytes(value);
        expect(bytes.length).toBe(familyOf(value) === 4 ? 4 : 16);
        expect(addressFromBytes(bytes)).toBe(value);
        expect(parseAddress(value)).toBe(value);
      }),
    );
  });

  it('of IPv6 has one text, whichever way it was written', () => {
    expect(parseIpv6('FD00:0::0100')).toBe('fd00::100');
    expect(parseAddress('::FFFF:a00:1')).toBe('::ffff:10.0.0.1');
  });

  it.each([
    ['10.0.0.11', true],
    ['127.0.0.1', true],
    ['1.0.0.0', true],
    ['223.255.255.255', true],
    ['240.0.0.1', true],
    ['0.0.0.0', false],
    ['224.0.0.0', false],
    ['239.255.255.255', false],
    ['255.255.255.255', false],
    ['fd00::1', true],
    ['::1', true],
    ['::10.0.0.1', true],
    ['fec0::1', true],
    ['::', false],
    ['ff02::1', false],
    ['fe80::1', false],
    ['febf::1', false],
    ['::ffff:10.0.0.1', false],
  ])('%s may be a real server: %s', (text, unicast) => {
    const address = parseAddress(text);
    expect(address && isUnicast(address)).toBe(unicast);
  });
});

describe('an address with its port', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(address, port, (value, number) => {
        expect(parseEndpoint(endpointText(value, number))).toEqual({ address: value, port: number });
      }),
    );
  });

  it('has brackets around IPv6', () => {
    expect(endpointText('fd00::1' as Address, 80)).toBe('[fd00::1]:80');
    expect(parseEndpoint('[FD00:0::1]:80')).toEqual({ address: 'fd00::1', port: 80 });
  });

  it.each([
    ...[
      '',
      ':80',
      '10.0.0.1',
      '10.0.0.1:',
      '10.0.0.1:http',
      '10.0.0.1:80:80',
      '10.0.0.1:-1',
      '10.0.0.1:65536',
    ],
    ...['fd00::1', 'fd00::1:80', '[fd00::1]', '[fd00::1]:', '[10.0.0.1]:80', '[fd00::1]80', '[[fd00::1]]:80'],
  ])('is not %j', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});

describe('a port', () => {
  it('is any number from 0 to 65535', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), (port) => {
        expect(parsePort(String(port))).toBe(port);
      }),
    );
  });

  it('may have leading zeros, which mean nothing', () => {
    expect(parsePort('0080')).toBe(80);
  });

  it.each(['', '65536', '-1', '+80', '8 0', '80 ', '0x50', '1e3', '80.0', 'http', '99999999999'])(
    'is not %j',
    (text) => {
      expect(parsePort(text)).toBeUndefined();
    },
  );
});
