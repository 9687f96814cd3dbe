import { describe, expect, it } from 'vitest';
import type { Address } from '../../../ipvs/address.ts';
import type { MarkRule } from '../../../ipvs/mark-rule.ts';
import { decodeMarkRule, encodeMarkRule } from './mark-rule.ts';

const plain: MarkRule = { family: 4, value: 7, mask: 0xffffffff, final: false };
const prefix = (address: string, length: number) => ({ address: address as Address, length });

describe('a mark rule', () => {
  it.each<MarkRule>([
    plain,
    { ...plain, final: true, protocol: 'sctp', interface: 'eth0' },
    { ...plain, target: prefix('10.0.0.100', 32), targetPorts: { first: 80, last: 443 } },
    { ...plain, family: 6, source: prefix('fd00::', 64), sourcePorts: { first: 0, last: 1023 } },
  ])('is what it was after the way through the map: %j', (rule) => {
    const names = ['', '', '', 'eth0'];
    expect(decodeMarkRule(encodeMarkRule(rule, 3), (index) => names[index] ?? '?')).toEqual(rule);
  });

  it('has its addresses masked', () => {
    const { target, targetMask } = encodeMarkRule({ ...plain, target: prefix('10.1.2.3', 16) }, 0);
    expect([target.word[0], targetMask.word[0]]).toEqual([0x0a010000, 0xffff0000]);
  });
});
