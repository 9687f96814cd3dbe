import { expect, it } from 'vitest';
import type { LabHost } from './host.ts';
import type { Lab } from './lab.ts';
import type { Event } from './narrate.ts';
import { play, type Scenario } from './scenario.ts';
import { dr } from './topologies.ts';

/** A lab whose shells echo the line that they are given. */
const echoingLab: Lab = {
  id: 'k3f9a',
  topology: dr,
  host: (name): LabHost => ({
    name,
    directory: `/tmp/${name}`,
    run: async (argv) => ({ code: 0, stdout: `${name}: ${argv.at(-1)}\n`, stderr: '', timedOut: false }),
    start: async () => ({ pid: 1, stop: async () => undefined }),
    serve: async () => ({ pid: 1, stop: async () => undefined }),
  }),
  leaveStanding: async () => undefined,
  close: async () => [],
};

const scenario: Scenario = {
  name: 'test',
  about: 'two steps',
  topology: dr,
  tools: [],
  steps: [
    {
      row: '1',
      title: 'One',
      why: 'Because.',
      async play(stage) {
        const { stdout } = await stage.type('client', 'true');
        stage.check('it echoes', stdout === 'client: true\n', () => stdout);
        stage.check('it is silent', stdout === '', () => stdout);
      },
    },
    {
      row: '2',
      title: 'Two',
      why: 'Because.',
      async play(stage) {
        await stage.quietly('client', 'unseen');
        stage.check('it goes on', true, () => '');
      },
    },
  ],
};

it('plays every step, tells what is shown, and counts the checks that did not hold', async () => {
  const events: Event[] = [];
  const result = await play(
    scenario,
    echoingLab,
    (event) => events.push(event),
    new AbortController().signal,
  );
  expect(result).toMatchObject({ passed: 2, failed: 1 });
  expect(events.map(({ kind }) => kind)).toEqual([
    ...['opening', 'step', 'command', 'output', 'check', 'check'],
    ...['step', 'check', 'end'],
  ]);
  expect(events[5]).toEqual({
    kind: 'check',
    expectation: 'it is silent',
    seen: false,
    otherwise: 'client: true\n',
  });
});
