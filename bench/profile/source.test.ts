import { expect, test } from 'vitest';
import { functionIn } from './source.ts';

const lines = `#define TWICE(x) (2 * (x))
/* What it is. */
static __always_inline struct thing *first_of(const struct key *key,
					      int number)
{
	return find(key);
}

SEC("xdp")
int second(struct xdp_md *xdp)
{
	if (first_of(xdp))
		return 1;
}`.split('\n');

test('a line is in the function whose head stands above it', () => {
  expect([3, 4, 6, 7].map((line) => functionIn(lines, line))).toEqual(Array(4).fill('first_of'));
  expect([10, 12, 14].map((line) => functionIn(lines, line))).toEqual(Array(3).fill('second'));
});

test('what stands above all functions is in none', () => {
  expect(functionIn(lines, 1)).toBeUndefined();
  expect(functionIn(lines, 0)).toBeUndefined();
});
