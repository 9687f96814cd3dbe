import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { difference } from './diff.ts';
import { exported } from './export.ts';
import { readConfiguration } from './read.ts';
import { renderFile } from './render.ts';
import { anyRunning } from './running.fixture.ts';
import { file } from './schema/file.ts';

/** Whole files take their time. */
const few = { numRuns: 30 };

describe('what runs, exported', () => {
  it('asks for nothing but what runs', () => {
    fc.assert(
      fc.property(anyRunning, (running) => {
        const text = renderFile(exported(running));
        const read = readConfiguration(text);
        if ('problems' in read) throw new Error(`${JSON.stringify(read.problems)}\n${text}`);
        expect(difference(running, read.configuration)).toEqual([]);
      }),
      few,
    );
  });

  it('makes the same on a director that has nothing: real servers in the same order', () => {
    fc.assert(
      fc.property(anyRunning, (running) => {
        const read = readConfiguration(renderFile(exported(running)));
        if ('problems' in read) throw new Error(JSON.stringify(read.problems));
        const wanted = read.configuration.services?.map(({ servers }) =>
          servers.toReversed().map(({ address, port }) => ({ address, port })),
        );
        expect(wanted).toMatchObject(
          running.services.map(({ destinations }) =>
            destinations.map(({ address, port }) => ({ address, port })),
          ),
        );
      }),
      few,
    );
  });

  it('fits the schema', () => {
    fc.assert(
      fc.property(anyRunning, (running) => Value.Check(file, exported(running))),
      few,
    );
  });
});
