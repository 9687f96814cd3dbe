import { expect, it } from 'vitest';
import { createLooks } from './looks.ts';

const never = (): Promise<string> => new Promise(() => {});
const soon = (): Promise<string> => Promise.resolve('seen');

it('a directory that does not answer holds nobody who looks into others', async () => {
  const { at } = createLooks(2);
  void at('/hung/a', never);
  expect(await at('/well/a', soon)).toBe('seen');
  expect(await at('/well/b', soon)).toBe('seen');
});

it('one look is made in a directory at a time, in their order, whatever comes of those before', async () => {
  const { at } = createLooks(2);
  const said: string[] = [];
  let fail = (_: Error): void => {};
  const first = at('/a/1', (file) => {
    said.push(file);
    return new Promise<string>((_, reject) => {
      fail = reject;
    });
  });
  const second = at('/a/2', (file) => {
    said.push(file);
    return soon();
  });
  await Promise.resolve();
  expect(said).toEqual(['/a/1']);
  fail(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(await second).toBe('seen');
  expect(said).toEqual(['/a/1', '/a/2']);
});

it('who looks at the same file again and again while it hangs waits with the first, and adds nothing', () => {
  const { at } = createLooks(2);
  let looks = 0;
  const look = (): Promise<string> => {
    looks++;
    return never();
  };
  const first = at('/hung/a', look);
  for (let again = 0; again < 100; again++) expect(at('/hung/a', look)).toBe(first);
  expect(looks).toBe(1);
});

it('where as many hang as may, others are refused at once instead of taking the last thread', async () => {
  const { at } = createLooks(2);
  void at('/hung/a', never);
  void at('/hung/b', never);
  void at('/too/a', never);
  await expect(at('/well/a', soon)).rejects.toThrow('2 directories do not answer');
});
