import { describe, expect, it } from 'vitest';
import { parseVip, vipProblem, vipText } from './vip.ts';

describe('a virtual address', () => {
  it.each([
    ['192.0.2.10', '192.0.2.10/32'],
    ['192.0.2.10/24', '192.0.2.10/24'],
    ['2001:DB8::10', '2001:db8::10/128'],
    ['fd00::1/64', 'fd00::1/64'],
  ])('%s is %s', (text, canonical) => {
    const vip = parseVip(text);
    expect(vip && vipText(vip)).toBe(canonical);
  });

  it.each(['', '192.0.2', '192.0.2.10/33', '192.0.2.10/0', 'fd00::1/129', '192.0.2.10/24/8', 'eth0'])(
    '%j is none',
    (text) => {
      expect(parseVip(text)).toBeUndefined();
    },
  );

  it.each(['0.0.0.1', '127.0.0.1', '224.0.0.1', '::', '::1', 'ff02::1'])(
    '%s is for no host to hold',
    (text) => {
      expect(vipProblem(parseVip(text) as never)).toContain(text);
    },
  );

  it('may be any other', () => {
    for (const text of ['10.0.0.1', 'fd00::1', 'fe80::1'])
      expect(vipProblem(parseVip(text) as never)).toBeUndefined();
  });
});
