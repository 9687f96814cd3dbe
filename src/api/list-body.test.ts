import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createElements, type ListLimits, readList } from './list-body.ts';
import type { Turns } from './turns.ts';

const roomy: ListLimits = { bytes: 1e6, elements: 1000, refusal: () => undefined };
const never: Turns = { isOver: () => false, next: () => Promise.resolve() };

/** The bytes, cut wherever these numbers say. */
async function* cut(bytes: Buffer, places: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    yield await Promise.resolve(bytes.subarray(from, end));
    from = end;
  }
}

const read = (text: string, limits: Partial<ListLimits> = {}, turns = never) =>
  readList(cut(Buffer.from(text), [3, 7, 20]), { ...roomy, ...limits }, turns);

describe('a list', () => {
  it('is what JSON.parse makes of it, wherever its text is cut, in characters too', async () => {
    const list = fc.array(fc.jsonValue(), { maxLength: 6 });
    const spaces = fc.constantFrom(undefined, 1, '\t');
    await fc.assert(
      fc.asyncProperty(list, spaces, fc.array(fc.nat(), { maxLength: 8 }), async (values, space, places) => {
        const text = `\n ${JSON.stringify([...values, 'ü"\\]€'], undefined, space)} \n`;
        expect(await readList(cut(Buffer.from(text), places), roomy, never)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(['', '[', '[1', '[1,', '[1,]', '[,1]', '["', '[{]', '[1]]', '[1] 2', '[}', '[1 2]'])(
    '%s is none, and is said to be broken',
    async (text) => {
      await expect(read(text)).rejects.toBeInstanceOf(SyntaxError);
    },
  );

  it('is no other thing', async () => {
    await expect(read('{"a": []}')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('that is too long, in octets or in elements, is refused when it becomes so', async () => {
    await expect(read('[1,2,3,4,5]', { bytes: 8 })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    await expect(read('[1,2,3,4,5]', { elements: 4 })).rejects.toMatchObject({
      ...{ code: 'BAD_REQUEST', detail: 'body must have at most 4 elements' },
    });
  });

  it('is refused at the first element that does not fit, with its place', async () => {
    const refusal = (element: unknown) => (element === 3 ? '/x must be less' : undefined);
    await expect(read('[1, 2, 3, 4]', { refusal })).rejects.toMatchObject({
      ...{ code: 'BAD_REQUEST', detail: 'body/2/x must be less' },
    });
  });

  it('gives others a turn while it is read', async () => {
    let turns = 0;
    const next = () => Promise.resolve(void turns++);
    await read('[1, 2, 3, 4]', {}, { isOver: () => true, next });
    expect(turns).toBe(4);
  });
});

it('an element is there as soon as it is known to be whole', () => {
  const elements = createElements();
  expect([...elements.put('[{"a": 1}, "b')]).toEqual([{ a: 1 }]);
  expect([...elements.put('c", 5')]).toEqual(['bc']);
  expect([...elements.put('6]')]).toEqual([56]);
  elements.end();
});
