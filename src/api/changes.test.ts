import { expect, it } from 'vitest';
import { createChanges } from './changes.ts';

/** A change that lasts until somebody ends it. */
function long() {
  let end: (error?: Error) => void = () => {};
  const over = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { over, end };
}

it('a change is made at once where nobody is at it, and throws at once', () => {
  const { make } = createChanges();
  expect(make(() => 7)).toBe(7);
  expect(() =>
    make(() => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(make(() => 8)).toBe(8);
});

it('changes wait for those before them, however those end, and are made in their order', async () => {
  const { make } = createChanges();
  const said: string[] = [];
  const [first, second] = [long(), long()];
  const one = make(() => first.over.finally(() => said.push('first')));
  const two = make(() => second.over.then(() => void said.push('second')));
  const three = make(() => said.push('third'));
  second.end();
  first.end(new Error('no'));
  await expect(one).rejects.toThrow('no');
  await Promise.all([two, three]);
  expect(said).toEqual(['first', 'second', 'third']);
  await Promise.resolve();
  expect(make(() => 'at once again')).toBe('at once again');
});

it('all are over once the last one of those that wait is', async () => {
  const { make, settled } = createChanges();
  await settled();
  const said: string[] = [];
  const [first, second] = [long(), long()];
  void make(() => first.over);
  void make(() => second.over.finally(() => said.push('second')));
  const all = settled().then(() => said.push('all'));
  first.end();
  await first.over;
  second.end();
  await all;
  expect(said).toEqual(['second', 'all']);
});
