import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunks, isLazy, json } from './answer-pieces.ts';

/** The value with every list given one by one. */
function lazily(value: unknown): unknown {
  if (Array.isArray(value))
    return (function* () {
      for (const each of value) yield lazily(each);
    })();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, lazily(part)]));
}

it('an answer whose lists are given one by one is the JSON that it is as a whole', () => {
  const server = fc.record({
    server: fc.string(),
    share: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
  });
  const service = fc.record({ service: fc.string(), servers: fc.array(server, { maxLength: 4 }) });
  const answer = fc.oneof(
    fc.record({ services: fc.array(service, { maxLength: 4 }), jobs: fc.nat() }),
    fc.array(service, { maxLength: 4 }),
  );
  fc.assert(
    fc.property(answer, (whole) => {
      const lazy = lazily(whole);
      expect(isLazy(lazy)).toBe(true);
      expect(JSON.parse([...json(lazy)].join(''))).toEqual(JSON.parse(JSON.stringify(whole)));
    }),
  );
});

it('what is there as a whole is not lazy', () => {
  for (const answer of [undefined, null, 'text', 7, [1], { services: [] }])
    expect(isLazy(answer)).toBe(false);
});

it('a list is asked for more only when somebody takes what is there', async () => {
  let asked = 0;
  const endless = (function* () {
    for (;;) yield `${'x'.repeat(1000)}${asked++}`;
  })();
  const taken = chunks(endless);
  await taken.next();
  expect(asked).toBeLessThan(100);
  await taken.return(undefined);
});
