import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { leave } from './leave.ts';

const ends: string[] = [];
beforeEach(() => {
  ends.length = 0;
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    ends.push(`exit ${code}`);
    throw new Error('gone');
  });
  vi.spyOn(process, 'kill').mockImplementation((_, signal) => {
    ends.push(String(signal));
    throw new Error('gone');
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});
const soon = () => Promise.resolve();

/** The ways of a process that has so many calls for files under way, each time it is asked. */
const withCalls = (...counts: readonly number[]) => {
  const left = [...counts];
  vi.spyOn(process, 'getActiveResourcesInfo').mockImplementation(() => {
    const count = left.length > 1 ? left.shift() : left[0];
    return ['Timeout', ...Array.from({ length: count ?? 0 }, () => 'FSReqPromise')];
  });
};

it('a process ends with its status where no file keeps it', async () => {
  withCalls(0);
  await expect(leave(3, soon)).rejects.toThrow('gone');
  expect(ends).toEqual(['exit 3']);
});

it('a process whose file comes back in time ends with its status all the same', async () => {
  withCalls(1, 1, 0);
  await expect(leave(0, soon)).rejects.toThrow('gone');
  expect(ends).toEqual(['exit 0']);
});

it('a process whose file never comes back ends by a signal, since exit() would wait for it', async () => {
  withCalls(1);
  await expect(leave(0, soon)).rejects.toThrow('gone');
  expect(ends).toEqual(['SIGKILL']);
});
