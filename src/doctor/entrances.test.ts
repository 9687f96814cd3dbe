import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import { entrancesOf, isEntered } from './entrances.ts';

const vip = '10.0.0.100' as Address;
const rule = (settings: Partial<MarkRule>): MarkRule => ({
  ...{ family: 4, target: { address: vip, length: 32 }, value: 7, mask: 0xffffffff, final: false },
  ...settings,
});
const mark7 = { kind: 'mark', mark: 7, family: 4 } as const;

describe('where clients come in', () => {
  it('is the address and port of a service that has them', () => {
    const service = { kind: 'address', protocol: 'udp', address: vip, port: 53 as Port } as const;
    expect(entrancesOf(service, { markRules: [] })).toEqual([{ protocol: 'udp', address: vip, port: 53 }]);
  });

  it('is what the rules of its mark name', () => {
    const markRules = [
      rule({ protocol: 'tcp', targetPorts: { first: 80, last: 80 } }),
      rule({ protocol: 'tcp', targetPorts: { first: 443, last: 443 } }),
      rule({ protocol: 'tcp', targetPorts: { first: 443, last: 443 }, interface: 'eth1' }),
      rule({ value: 8 }),
      rule({ target: { address: '10.0.0.0' as Address, length: 8 } }),
    ];
    expect(entrancesOf(mark7, { markRules }).map(({ port }) => port)).toEqual([80, 443]);
    expect(isEntered(mark7, { services: [], markRules }, vip, 443)).toBe(true);
    expect(isEntered(mark7, { services: [], markRules }, vip, 22)).toBe(false);
  });

  it('is unknown of a mark without such a rule', () => {
    expect(entrancesOf(mark7, { markRules: [] })).toEqual([]);
  });
});
