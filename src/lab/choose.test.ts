import { describe, expect, it } from 'vitest';
import { chooseLab } from './choose.ts';
import type { LabRecord } from './record.ts';

function lab(id: string, standing: boolean): LabRecord {
  return { id, topology: 'dr', standing, owner: { pid: 1, startTime: 1 }, since: '' };
}

describe('chooseLab', () => {
  it('takes the one that is named', () => {
    expect(chooseLab([lab('a', true), lab('b', false)], 'b').id).toBe('b');
  });

  it('takes the only one that stands, beside those that run', () => {
    expect(chooseLab([lab('a', false), lab('b', true), lab('c', false)], undefined).id).toBe('b');
  });

  it('takes the only one that runs when none stands', () => {
    expect(chooseLab([lab('a', false)], undefined).id).toBe('a');
  });

  it.each([
    ['none', [], undefined, 'no lab stands; build one: fairlead lab up dr'],
    ['two', [lab('a', true), lab('b', true)], undefined, 'which lab? there are a (dr), b (dr)'],
    ['an unknown one', [lab('a', true)], 'x', 'there is no lab "x"; there are a (dr)'],
  ])('refuses %s, and says what there is', (_, labs, id, message) => {
    expect(() => chooseLab(labs, id)).toThrow(message);
  });
});
