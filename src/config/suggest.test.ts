import { describe, expect, it } from 'vitest';
import { didYouMean, distance } from './suggest.ts';

describe('what may have been meant', () => {
  const keys = ['scheduler', 'servers', 'sorry_server', 'method', 'persistence'];

  it.each([
    ['shedule', 'scheduler'],
    ['Scheduler', 'scheduler'],
    ['sorry-server', 'sorry_server'],
    ['serevrs', 'servers'],
    ['lb_algo', 'scheduler'],
    ['real_server', 'servers'],
    ['lb_kind', 'method'],
    ['persistence_timeout', 'persistence'],
  ])('by %s is %s', (word, meant) => {
    expect(didYouMean(word, keys)).toBe(`: did you mean \`${meant}\`?`);
  });

  it.each(['colour', 'x', 'weight', 'fwmark'])('by %s is nothing here', (word) => {
    expect(didYouMean(word, keys)).toBe('');
  });

  it('is a matter of insertions, deletions, replacements and swaps', () => {
    expect(distance('', 'abc')).toBe(3);
    expect(distance('rr', 'wrr')).toBe(1);
    expect(distance('serevr', 'server')).toBe(1);
    expect(distance('gate', 'masq')).toBe(3);
  });
});
