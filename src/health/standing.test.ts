import { describe, expect, it } from 'vitest';
import { afterAnswer, type Standing, unasked } from './standing.ts';

const rhythm = { rise: 2, fall: 3 };

/** `+` a good answer, `-` a bad one: the verdict after each, `?` for none. */
function verdicts(answers: string, from: Standing = unasked): string {
  let standing = from;
  const said = [...answers].map((answer) => {
    standing = afterAnswer(standing, answer === '+', rhythm);
    return { up: '+', down: '-', none: '?' }[standing.verdict ?? 'none'];
  });
  return said.join('');
}

describe('with rise 2 and fall 3', () => {
  it.each([
    ['++', '?+', 'up at the second good answer'],
    ['---', '??-', 'down at the third bad one'],
    ['-+-+--', '??????', 'no verdict while answers disagree'],
    ['++--+--+---', '?+++++++++-', 'single failures are forgiven, three in a row are not'],
    ['---+-++', '??----+', 'one good answer is not enough to come back'],
    ['+--+', '????', 'good answers have to follow each other'],
  ])('%s is %s: %s', (answers, expected) => {
    expect(verdicts(answers)).toBe(expected);
  });

  it('one answer decides where one is enough', () => {
    const once = { rise: 1, fall: 1 };
    expect(afterAnswer(unasked, false, once).verdict).toBe('down');
    expect(afterAnswer(afterAnswer(unasked, false, once), true, once).verdict).toBe('up');
  });
});
