import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4FromNumber, ipv4ToNumber, isUnicast, parseIpv4, parsePort } from './address.ts';

const number = fc.integer({ min: 0, max: 0xffffffff });

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
  ])('%s may be a real server: %s', (text, unicast) => {
    const address = parseIpv4(text);
    expect(address && isUnicast(address)).toBe(unicast);
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
