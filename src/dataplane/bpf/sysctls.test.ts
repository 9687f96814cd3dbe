import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialSysctls, type SysctlValues, sysctlNames, sysctls } from '../../ipvs/sysctl.ts';
import { defaultSettings } from './settings.ts';
import { defended, sameDefence, sysctlsOf, thinsOut, withSysctls } from './sysctls.ts';

const anyValues = fc.record(
  Object.fromEntries(
    sysctlNames.map((name) => [name, fc.integer({ min: sysctls[name].minimum, max: sysctls[name].maximum })]),
  ),
) as fc.Arbitrary<SysctlValues>;

describe('sysctls', () => {
  it('are all kept, whatever they are', () => {
    fc.assert(
      fc.property(anyValues, (values) => {
        expect(sysctlsOf(withSysctls(defaultSettings, values))).toEqual(values);
      }),
    );
    expect(sysctlsOf(defaultSettings)).toEqual(initialSysctls);
  });

  it('in seconds are milliseconds to the programs, as far as 32 bits hold them', () => {
    const set = (lblc_expiration: number) =>
      withSysctls(defaultSettings, { ...initialSysctls, lblc_expiration }).sysctl.lblcExpirationMs;
    expect([set(0), set(86_400), set(0x7fffffff)]).toEqual([0, 86_400_000, 0xffffffff]);
  });
});

describe('defences', () => {
  const plenty = 1024;
  const little = 1024 - 100;
  const look = (mode: number, availablePages: number) => {
    const values = { ...initialSysctls, drop_entry: mode, drop_packet: mode, secure_tcp: mode };
    const settings = defended(withSysctls(defaultSettings, values), availablePages);
    const { drop_entry, drop_packet, secure_tcp } = sysctlsOf(settings);
    const { dropRate, secureTcp } = settings.sysctl;
    const work = [thinsOut(settings) ? 1 : 0, dropRate, secureTcp];
    return { modes: [drop_entry, drop_packet, secure_tcp], work };
  };

  // ip_vs_ctl.c, update_defense_level(): a tenth of amemthresh is missing, so every tenth packet is dropped.
  it.each([
    ['mode 0 never', 0, little, 0, [0, 0, 0]],
    ['mode 1 not while there is memory', 1, plenty, 1, [0, 0, 0]],
    ['mode 1 becomes 2 when memory is low', 1, little, 2, [1, 10, 1]],
    ['mode 2 while memory is low', 2, little, 2, [1, 10, 1]],
    ['mode 2 becomes 1 when there is memory again', 2, plenty, 1, [0, 0, 0]],
    ['mode 3 always, at am_droprate', 3, plenty, 3, [1, 10, 1]],
    ['mode 3 at am_droprate however little there is', 3, 0, 3, [1, 10, 1]],
    ['mode 1 drops every packet when nothing is left', 1, 0, 2, [1, 1, 1]],
  ] as const)('are at work: %s', (_, mode, pages, then, work) => {
    expect(look(mode, pages)).toEqual({ modes: [then, then, then], work });
  });

  it('are the same until a mode, or what follows from it, changes', () => {
    const values = { ...initialSysctls, drop_packet: 1 };
    const before = withSysctls(defaultSettings, values);
    expect(sameDefence(before, defended(before, plenty))).toBe(true);
    expect(sameDefence(before, defended(before, little))).toBe(false);
  });
});
