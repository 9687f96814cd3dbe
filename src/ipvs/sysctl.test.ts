import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { changedSysctls, initialSysctls, type Sysctl, sysctlNames, sysctls } from './sysctl.ts';

describe('a sysctl', () => {
  it('keeps its value where it is not named', () => {
    const changed = changedSysctls(initialSysctls, { drop_entry: 3 });
    expect(changed).toEqual({ values: { ...initialSysctls, drop_entry: 3 } });
  });

  it.each([
    [{ nosuch: 1 }, { unknown: 'nosuch' }],
    [{ toString: 1 }, { unknown: 'toString' }],
    [{ drop_entry: 1, nosuch: 1 }, { unknown: 'nosuch' }],
    [{ drop_entry: 4 }, { outOfRange: 'drop_entry = 4, which is 0 to 3' }],
    [{ am_droprate: 0 }, { outOfRange: 'am_droprate = 0, which is 1 to 2147483647' }],
    [{ pmtu_disc: 0.5 }, { outOfRange: 'pmtu_disc = 0.5, which is 0 to 1' }],
  ])('is not changed by %j', (changes, problem) => {
    expect(changedSysctls(initialSysctls, changes as Record<string, number>)).toEqual(problem);
  });

  it('has a default within its range', () => {
    const odd = sysctlNames.filter((name) => {
      const { minimum, maximum, initial } = sysctls[name];
      return initial < minimum || initial > maximum;
    });
    expect(odd).toEqual([]);
  });
});

it('the page has each sysctl with its range, default and meaning', () => {
  const page = readFileSync(new URL('../../docs/sysctl.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\w+) +\| (\d+ .*?) +\| (\d+) +\| (.*?) +\|/gm)].map((row) =>
    row.slice(1),
  );
  const expected = sysctlNames.map((name) => {
    const { minimum, maximum, initial, meaning, inert }: Sysctl = sysctls[name];
    const values = maximum === 0x7fffffff ? `${minimum} and up` : `${minimum} to ${maximum}`;
    return [name, values, String(initial), inert ? `${meaning} (no effect here: ${inert})` : meaning];
  });
  expect(rows).toEqual(expected);
});
