import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressFromBytes } from '../../ipvs/address.ts';
import { type MarkRule, markRuleProblem } from '../../ipvs/mark-rule.ts';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';
import { fullLength, prefixOf } from '../../ipvs/prefix.ts';
import { maxMark, protocols } from '../../ipvs/service.ts';
import { addRuleOptions } from './add.ts';
import { type RuleOptions, rulesOf } from './rule-words.ts';

/** What `fairlead mark add` makes of these words. */
function read(words: readonly string[]) {
  const command = addRuleOptions(new Command().argument('<mark>')).exitOverride();
  command.parse([...words], { from: 'user' });
  return rulesOf(command.args[0] ?? '', command.opts<RuleOptions>());
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const range = fc
  .tuple(fc.nat(0xffff), fc.nat(0xffff))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

const rule: fc.Arbitrary<MarkRule> = fc.constantFrom(4 as const, 6 as const).chain((family) => {
  const size = family === 4 ? 4 : 16;
  const prefix = fc
    .tuple(fc.uint8Array({ minLength: size, maxLength: size }).map(addressFromBytes), fc.nat(128))
    .map(([address, length]) => prefixOf(address, Math.min(length, fullLength(address))));
  return fc
    .record({
      protocol: optional(fc.constantFrom(...protocols)),
      target: optional(prefix),
      source: optional(prefix),
      targetPorts: optional(range),
      sourcePorts: optional(range),
      interface: optional(fc.constantFrom('eth0', 'bond0.12', 'lo')),
    })
    .chain((parts) =>
      fc.record({
        value: fc.nat(maxMark),
        mask: fc.oneof(fc.constant(maxMark), fc.nat(maxMark)),
        final: fc.boolean(),
        ...Object.fromEntries(
          Object.entries({ family, ...parts })
            .filter(([, part]) => part !== undefined)
            .map(([name, part]) => [name, fc.constant(part)]),
        ),
      }),
    ) as unknown as fc.Arbitrary<MarkRule>;
});

describe('a mark rule', () => {
  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(rule, (value) => {
        expect(markRuleProblem(value)).toBeUndefined();
        expect(read(ruleWords(value))).toEqual([value]);
      }),
    );
  });

  it.each([
    ['7', ['7 --ipv4', '7 --ipv6']],
    ['7 -6 -p tcp', ['7 --ipv6 --protocol tcp']],
    ['0x7 -d 192.0.2.7/24', ['7 --destination 192.0.2.0/24']],
    [
      '7 -d fd00::1 --ports 443,80,81',
      ['7 --destination fd00::1 --ports 80:81', '7 --destination fd00::1 --ports 443'],
    ],
    ['0x10/0xf0 -d 192.0.2.1 -i eth0 --final', ['0x10/0xf0 --destination 192.0.2.1 --in eth0 --final']],
    ['7 -d 192.0.2.1 -4', ['7 --destination 192.0.2.1']],
  ])('%s is %j', (words, expected) => {
    const rules = read(words.split(' '));
    expect('problem' in rules ? rules : rules.map((one) => ruleWords(one).join(' '))).toEqual(expected);
  });

  it.each([
    ['seven', 'no mark: seven'],
    ['4294967296', 'no mark: 4294967296'],
    ['7/0x1ffffffff', 'no mark: 7/0x1ffffffff'],
    ['0', 'mark 0 for every packet marks nothing: say which packets, as --destination does'],
    [
      '0/0xff --final',
      'mark 0/0xff for every packet marks nothing: say which packets, as --destination does',
    ],
    ['7 -d example.org', 'no address or prefix: example.org'],
    ['7 -d 192.0.2.1 -s fd00::1', 'addresses of both families, which no packet has'],
    ['7 -d 192.0.2.1 -6', 'addresses of both families, which no packet has'],
    ['7 --ports http', 'no ports: http'],
    ['7 --ports 90:80', 'no ports: 90:80'],
    ['7 --ports 80,', 'no ports: 80,'],
  ])('%s is refused: %s', (words, problem) => {
    expect(read(words.split(' '))).toEqual({ problem });
  });
});
