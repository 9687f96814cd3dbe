import { expect, it } from 'vitest';
import type { InterfaceStatus } from '../../ipvs/interface.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import { createMarkRules } from './mark-rules.ts';
import { memoryMaps } from './table/memory-maps.ts';
import { createTable } from './table/table.ts';

const rule = (value: number, over: Partial<MarkRule> = {}): MarkRule => ({
  family: 4,
  value,
  mask: 0xffffffff,
  final: false,
  ...over,
});

function bench() {
  const maps = memoryMaps();
  const links: InterfaceStatus[] = [{ index: 3, name: 'eth0', mode: 'auto', hooks: ['tc'] }];
  const table = createTable({ maps, relieve: () => {}, now: () => 0n });
  return { maps, links, rules: createMarkRules(table, { status: () => links }) };
}

it('mark rules are replaced all at once, in the bank that is not in force', () => {
  const { maps, rules } = bench();
  for (const wanted of [[rule(1), rule(2)], [rule(3)], [], [rule(4, { interface: 'eth0' })]]) {
    const bank = maps.settings.get(0).markBank;
    rules.setMarkRules(wanted);
    expect(rules.markRules()).toEqual(wanted);
    expect(maps.settings.get(0)).toMatchObject({ markBank: 1 - bank, markSince: 0 });
  }
});

it('an interface that a mark rule names must be there, and nothing changes if it is not', () => {
  const { rules } = bench();
  rules.setMarkRules([rule(1)]);
  expect(() => rules.setMarkRules([rule(2), rule(3, { interface: 'eth7' })])).toThrow(
    'No such interface: eth7',
  );
  expect(rules.markRules()).toEqual([rule(1)]);
});

it('a mark rule follows its interface when that is renamed, and names its number once it has gone', () => {
  const { rules, links } = bench();
  rules.setMarkRules([rule(1, { interface: 'eth0' })]);
  const [eth0] = links.splice(0, 1);
  expect(rules.markRules()).toEqual([rule(1, { interface: '#3' })]);
  rules.setMarkRules([...rules.markRules(), rule(2)]);
  rules.setMarkRules(rules.markRules().slice(0, 1));
  if (eth0) links.push({ ...eth0, name: 'lan' });
  expect(rules.markRules()).toEqual([rule(1, { interface: 'lan' })]);
});
