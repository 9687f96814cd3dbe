/** Every scenario, played as a person plays it: real sockets through a real director. */

import { beforeEach, expect, test } from 'vitest';
import { scenarios } from '../../src/lab/scenarios.ts';
import { fairlead, needsLab } from './support.ts';

beforeEach(needsLab);

/** The walkthrough has tests of its own. */
const others = Object.values(scenarios).filter(({ name }) => name !== 'walkthrough');

test.for(others.map(({ name, about }) => [name, about] as const))('%s: %s', async ([name]) => {
  const { code, stdout, stderr } = await fairlead('lab', 'play', name);
  expect(stdout.split('\n').filter((line) => line.includes('✗'))).toEqual([]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
