import { beforeEach, describe, expect, it } from 'vitest';
import { tcp } from '../../test/support/packet.ts';
import { createDirector, service } from '../dataplane/model/golden/director.ts';
import type { Address } from '../ipvs/address.ts';
import { type MarkRule, maxMarkRules } from '../ipvs/mark-rule.ts';
import { createTestPlane } from './model-plane.fixture.ts';
import { createSettings, type Settings } from './settings.ts';

let settings: Settings;

beforeEach(() => {
  settings = createSettings(createTestPlane());
});

const refusal = (code: string) => expect.objectContaining({ code });

describe('sysctls', () => {
  it('are changed together, and those not named stay', () => {
    settings.setSysctls({ drop_entry: 3, am_droprate: 7 });
    expect(settings.notableSysctls()).toEqual({ drop_entry: 3, am_droprate: 7 });
    settings.setSysctls({ drop_entry: 0 });
    expect(settings.notableSysctls()).toEqual({ am_droprate: 7 });
  });

  it('are all as they were when one change cannot be made', () => {
    expect(() => settings.setSysctls({ drop_entry: 3, nosuch: 1 })).toThrow(refusal('SYSCTL_UNKNOWN'));
    expect(() => settings.setSysctls({ drop_entry: 3, secure_tcp: 4 })).toThrow(
      refusal('SYSCTL_OUT_OF_RANGE'),
    );
    expect(settings.notableSysctls()).toEqual({});
  });
});

describe('expire_nodest_conn', () => {
  it('that is switched off again has ended the connections of real servers deleted before', () => {
    const key = '-t 10.0.0.100:80';
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    const { setSysctls } = createSettings(director.model);
    const connections = () => [...director.model.connections()].length;
    setSysctls({ expire_nodest_conn: 1 });
    director.receive(tcp({ from: '10.0.0.200:1000', to: '10.0.0.100:80', flags: 'S' }));
    director.ipvsadm(`-d ${key} -r 10.0.0.11`);
    expect(connections()).toBe(1);
    setSysctls({ expire_nodest_conn: 0 });
    expect(connections()).toBe(0);
  });
});

describe('mark rules', () => {
  const rule = (mark: number, part: Partial<MarkRule> = {}): MarkRule => ({
    ...{ family: 4, value: mark, mask: 0xffffffff, final: false },
    ...part,
  });
  const marks = () => settings.markRules().map(({ value }) => value);
  const add = (...rules: readonly MarkRule[]) => settings.addMarkRules({ rules });

  it('come behind those there are, or where one wants them', () => {
    add(rule(1), rule(2));
    add(rule(3));
    settings.addMarkRules({ rules: [rule(4), rule(5)], position: 2 });
    expect(marks()).toEqual([1, 4, 5, 2, 3]);
    settings.deleteMarkRule(1);
    expect(marks()).toEqual([4, 5, 2, 3]);
    settings.replaceMarkRules([rule(9)]);
    expect(marks()).toEqual([9]);
  });

  it('keep of a prefix what means something', () => {
    add(rule(1, { target: { address: '192.0.2.77' as Address, length: 24 } }));
    expect(settings.markRules()[0]?.target).toEqual({ address: '192.0.2.0', length: 24 });
  });

  it.each([
    [{ target: { address: 'fd00::1' as Address, length: 64 } }],
    [{ source: { address: '192.0.2.1' as Address, length: 33 } }],
    [{ targetPorts: { first: 90, last: 80 } }],
    [{ value: 2 ** 32 }],
  ])('%j makes no sense', (part) => {
    add(rule(1));
    expect(() => add(rule(2), rule(3, part))).toThrow(refusal('MARK_RULE_INVALID'));
    expect(marks()).toEqual([1]);
  });

  it('are refused where they name what is not there', () => {
    expect(() => add(rule(1, { interface: 'eth7' }))).toThrow(refusal('INTERFACE_NOT_FOUND'));
    expect(() => settings.deleteMarkRule(1)).toThrow(refusal('MARK_RULE_NOT_FOUND'));
    expect(() => settings.addMarkRules({ rules: [rule(1)], position: 2 })).toThrow(
      refusal('MARK_RULE_NOT_FOUND'),
    );
    expect(() => settings.replaceMarkRules(new Array(maxMarkRules + 1).fill(rule(1)))).toThrow(
      refusal('MARK_RULES_FULL'),
    );
    expect(marks()).toEqual([]);
  });
});
