import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readByItems } from './yaml-items.ts';

/** Cut at every item, however short the text is. */
const finely = { long: 0, part: 1 };

describe('a document in parts', () => {
  it('means what it means as a whole', () => {
    const word = fc.string({ maxLength: 12 });
    const server = fc.oneof(fc.ipV4(), fc.record({ address: fc.ipV6(), weight: fc.nat(), note: word }));
    const service = fc.record({ tcp: word, servers: fc.array(server, { maxLength: 3 }), text: word });
    const document = fc.record(
      {
        services: fc.array(service, { maxLength: 4 }),
        vips: fc.array(word, { maxLength: 3 }),
        sysctls: service,
      },
      { requiredKeys: [] },
    );
    const style = fc.record({
      indentSeq: fc.boolean(),
      lineWidth: fc.constantFrom(20, 80),
      flow: fc.boolean(),
    });
    let read = 0;
    fc.assert(
      fc.property(document, style, fc.nat(200), (value, { flow, ...options }, part) => {
        const text = stringify(value, { ...options, ...(flow && { collectionStyle: 'flow' as const }) });
        const found = readByItems(text, { long: 0, part });
        if (found === undefined) return;
        read++;
        expect(found).toEqual(parse(text));
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50); // else it would never be read so
  });

  it.each([
    ['with comments and blank lines', '# a\n\nservices: # b\n\n  # c\n  - tcp: 1\n  # d\n  - tcp: 2\n'],
    ['with lists that are not indented', 'services:\n- tcp: 1\n- tcp: 2\nmarks: []\n'],
    ['with nothing behind a key', 'services:\nmarks:\n  - { mark: 1 }\n'],
    ['with long texts of several lines', 'checks:\n  a:\n    send: |\n      - x\n\n      - y\n  b: 1\n'],
    [
      'with items of several lines',
      'services:\n  - tcp: 1\n    servers:\n      - a\n      - b\n  - tcp: 2\n',
    ],
  ])('is read so %s', (_, text) => {
    expect(readByItems(text, finely)).toEqual(parse(text));
  });

  it.each([
    ['is short', 'services:\n  - tcp: 1\n', { long: 100 }],
    ['has aliases', 'services:\n  - &a { tcp: 1 }\n  - *a\n', finely],
    ['has a quote over several items', 'services:\n  - tcp: "1\n  - tcp: 2"\n', finely],
    ['has a bracket over several items', 'services:\n  - tcp: [1,\n  - tcp: 2]\n', finely],
    ['has a key twice', 'services:\n  - tcp: 1\nservices:\n  - tcp: 2\n', finely],
    ['has a key that is written otherwise', 'sysctls:\n  a: 1\nFoo: 2\n', finely],
    ['is a list', '- services\n', finely],
    ['is in brackets', '{ services: [] }\n', finely],
    ['is two documents', 'services: []\n---\nservices: []\n', finely],
    ['is wrong', 'services:\n  - tcp: 1\n - tcp: 2\n', finely],
  ])('is none where it %s', (_, text, options) => {
    expect(readByItems(text, options)).toBeUndefined();
  });
});
