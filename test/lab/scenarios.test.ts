/** Every scenario, played as a person plays it: real sockets through a real director. */

import { beforeEach, expect, test } from 'vitest';
import { scenarios } from '../../src/lab/scenarios.ts';
import { needsLab, played } from './support.ts';

beforeEach(needsLab);

/** The walkthrough has tests of its own. */
const others = Object.values(scenarios).filter(({ name }) => name !== 'walkthrough');

test.for(others.map(({ name, about }) => [name, about] as const))('%s: %s', async ([name]) => {
  expect((await played(name)).failed).toEqual([]);
});
