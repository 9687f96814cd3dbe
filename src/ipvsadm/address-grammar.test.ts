import { describe, expect, it } from 'vitest';
import { goldenHosts, goldenNames } from '../../test/golden/subset.ts';
import { parseEndpoint, parseInetAton } from './address-grammar.ts';

const names = goldenNames(goldenHosts);

async function read(text: string): Promise<string> {
  const endpoint = await parseEndpoint(text, 'tcp', names);
  return endpoint ? `${endpoint.address} ${endpoint.port ?? 'none'}` : 'illegal';
}

describe('an address with or without a port', () => {
  it.each([
    ['10.0.0.1:80', '10.0.0.1 80'],
    ['10.0.0.1', '10.0.0.1 none'],
    ['10.0.0.1:http', '10.0.0.1 80'],
    ['10.0.0.1:www', '10.0.0.1 80'],
    ['localhost:http', '127.0.0.1 80'],
    ['localhost', '127.0.0.1 none'],
    ['10.0.0.1:+080', '10.0.0.1 80'],
    ['10.0.0.1: 80', '10.0.0.1 80'],
    ['10.0.0.1:-0', '10.0.0.1 0'],
    ['123:80', '0.0.0.123 80'],
    ['[10.0.0.1]:80', '10.0.0.1 none'],
    ['2001:db8::1', '2001:db8::1 none'],
    ['::1:80', '::0.1.0.128 none'],
    ['[2001:db8::1]:80', '2001:db8::1 80'],
    ['[2001:DB8:0::1]:http', '2001:db8::1 80'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1 none'],
  ])('%s is %s', async (text, expected) => {
    expect(await read(text)).toBe(expected);
  });

  it.each([
    '',
    '80',
    ':80',
    '10.0.0.1:',
    '10.0.0.1: ',
    '10.0.0.1:65536',
    '10.0.0.1:70000',
    '10.0.0.1:-1',
    '10.0.0.1:0x50',
    '10.0.0.1:HTTP',
    '10.0.0.1:nosuchname',
    '10.0.0.256:80',
    'nosuchhost:80',
    '1:2:3',
    'fe80::1%eth0',
    '[2001:db8::1]',
    '[2001:db8::1]:99999',
    '[]:80',
    '[10.0.0.1',
    '[10.0.0.1]',
    '[10.0.0.1]x:80',
  ])('%j is refused', async (text) => {
    expect(await read(text)).toBe('illegal');
  });

  it('has no port by name before the protocol is known', async () => {
    expect(await parseEndpoint('10.0.0.1:http', undefined, names)).toBeUndefined();
  });

  it('asks nobody about what cannot be the name of a host', async () => {
    const addressOfHost = () => Promise.reject(new Error('asked'));
    for (const text of ['10.0.0.256:80', '10..1:80', 'a b:80', 'zz::1', '10.0.0.1/24:80']) {
      expect(await parseEndpoint(text, 'tcp', { ...names, addressOfHost })).toBeUndefined();
    }
  });
});

describe('a dotted number, read as inet_aton does', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.6', '10.0.0.6'],
    ['10.0.258', '10.0.1.2'],
    ['010.0.0.5', '8.0.0.5'],
    ['0x0a000005', '10.0.0.5'],
    ['0Xa.10', '10.0.0.10'],
    ['4294967295', '255.255.255.255'],
    ['10.0.0.1 and more', '10.0.0.1'],
    ['0', '0.0.0.0'],
  ])('%s is %s', (text, expected) => {
    expect(parseInetAton(text)).toBe(expected);
  });

  it.each(['', ' 10.0.0.1', '10.0.0.', '.10', '10..1', '1.2.3.4.5', '256.1', '10.16777216', '4294967296'])(
    '%j is none',
    (text) => {
      expect(parseInetAton(text)).toBeUndefined();
    },
  );

  it.each(['10.0.0.08', '0x', '10.0x.1.2', '+1.2.3.4', '1.2.3.4x'])('%j is none either', (text) => {
    expect(parseInetAton(text)).toBeUndefined();
  });
});
