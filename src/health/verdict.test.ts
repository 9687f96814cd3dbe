import { describe, expect, it } from 'vitest';
import type { Check, SingleCheck } from './check.ts';
import type { Verdict } from './standing.ts';
import { singlesOf, startOf, verdictOf } from './verdict.ts';

function single(name: string, start: Verdict = 'up'): SingleCheck {
  const rhythm = { intervalMs: 1000, timeoutMs: 500, rise: 1, fall: 1, jitter: 0 };
  return { name, probe: { kind: 'tcp' }, ...rhythm, start };
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => single(name)) as [SingleCheck, SingleCheck, SingleCheck];
const any = (...checks: Check[]): Check => ({ name: 'any', combine: 'any', checks });
const all = (...checks: Check[]): Check => ({ name: 'all', combine: 'all', checks });

/** `a+ b-`: a is up, b is down, of the rest nothing is known. */
function known(text: string): (check: SingleCheck) => Verdict | undefined {
  return ({ name }) => (text.includes(`${name}+`) ? 'up' : text.includes(`${name}-`) ? 'down' : undefined);
}

describe('several checks', () => {
  it.each([
    [[], '', 'up'],
    [[a, b], 'a+ b+', 'up'],
    [[a, b], 'a+ b-', 'down'],
    [[a, b], 'a+', undefined],
    [[a, b], 'b-', 'down'],
    [[any(a, b)], 'a- b+', 'up'],
    [[any(a, b)], 'a- b-', 'down'],
    [[any(a, b)], 'a-', undefined],
    [[any(a, b)], 'b+', 'up'],
    [[any(all(a, b), c)], 'a- c+', 'up'],
    [[any(all(a, b), c)], 'a+ b- c-', 'down'],
    [[all(a, any(b, c))], 'a+ b- c+', 'up'],
  ] as const)('%#: with %s it is %s', (checks, text, expected) => {
    expect(verdictOf(checks, known(text))).toBe(expected);
  });

  it('begin as each of them does', () => {
    expect(startOf([a, single('x', 'down')])).toBe('down');
    expect(startOf([any(a, single('x', 'down'))])).toBe('up');
    expect(startOf([])).toBe('up');
  });

  it('are asked once each, however often they are named', () => {
    expect(singlesOf([a, any(a, b), all(b, any(c, a))])).toEqual([a, b, c]);
  });
});
