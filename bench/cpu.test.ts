import { expect, test } from 'vitest';
import { busySeconds } from './cpu.ts';

test('time that CPUs are idle, wait for disks or are taken away is no work', () => {
  const stat = 'cpu  1000 200 3000 999999 88888 40 500 7777 600 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
  expect(busySeconds(stat)).toBe(47.4);
});
