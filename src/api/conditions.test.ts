import { describe, expect, it } from 'vitest';
import { checkIfMatch, isKnown } from './conditions.ts';

const tag = '"abc"';
const changed = expect.objectContaining({ code: 'CONFIGURATION_CHANGED' });
const match = (wanted: string | undefined) => () => checkIfMatch({ 'if-match': wanted }, () => tag);

describe('a condition of a request', () => {
  it.each([undefined, '*', ' * ', '"abc"', '"x", "abc"'])('holds for a change if it is %j', (wanted) => {
    expect(match(wanted)).not.toThrow();
  });

  it.each(['"x"', 'W/"abc"', 'abc', '""', '', '"abc'])('does not hold for a change if it is %j', (wanted) => {
    expect(match(wanted)).toThrow(changed);
  });

  it('says that nothing is new where one of the tags is that of the answer, weak or not', () => {
    const known = ['"abc"', 'W/"abc"', '"x", "abc"', '*', '"x"', '', undefined];
    expect(known.map((each) => isKnown({ 'if-none-match': each }, tag))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
