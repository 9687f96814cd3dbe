import { expect, test } from 'vitest';
import { FlDecapsulation } from '../abi.gen.ts';
import { counters } from './counters.ts';

test('every counter of the program has exactly one name', () => {
  const indexes = Object.values(counters).map(({ index }) => index);
  expect(indexes).toEqual(Array.from({ length: FlDecapsulation.FL_DECAPSULATIONS }, (_, index) => index));
});
