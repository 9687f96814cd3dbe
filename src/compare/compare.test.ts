import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../lab/package-root.ts';
import { differences } from './difference.ts';
import { parseFeatures } from './features.ts';
import { excused, open } from './known.ts';
import { type Observation, observe } from './observe.ts';
import type { Answer, PlannedAction } from './plan.ts';
import type { Scenario, Step } from './scenario.ts';
import { readScenario, scriptOf, tell } from './script.ts';
import { shrink } from './shrink.ts';

const listing = (...rows: readonly string[]): Answer => ({
  at: 1,
  code: 0,
  stdout: rows.map((row) => `${row}\n`).join(''),
});
const lcn: PlannedAction = { step: 0, action: { kind: 'ipvsadm', words: ['-Lcn'] } };
const seen = (answer: Answer, action = lcn): readonly Observation[] =>
  observe({ number: 0, steps: [] }, [action], [answer]);

const row = (left: string, client: string) =>
  `TCP ${left}  SYN_RECV    ${client}:1024    10.0.0.100:80     10.0.0.11:80`;

describe('differences', () => {
  test('the order of connections is no difference, nor are two seconds', () => {
    const kernel = seen(listing(row('00:59', '10.0.0.201'), row('01:00', '10.0.0.202')));
    const fairlead = seen(listing(row('00:58', '10.0.0.202'), row('00:58', '10.0.0.201')));
    expect(differences(kernel, fairlead)).toEqual([]);
  });

  test('three seconds are one, unless the sides looked at moments that are as far apart', () => {
    const kernel = seen(listing(row('00:59', '10.0.0.201')));
    const late = listing(row('00:56', '10.0.0.201'));
    expect(differences(kernel, seen(late))).toMatchObject([{ title: 'ipvsadm -Lcn' }]);
    expect(differences(kernel, seen({ ...late, at: 3 }))).toEqual([]);
  });

  test('shows the lines that one side alone has', () => {
    const command: PlannedAction = { step: 3, action: { kind: 'ipvsadm', words: ['-Ln'] } };
    const [kernel, fairlead] = [
      seen(listing('a', 'b'), command),
      seen({ ...listing('a'), code: 1 }, command),
    ];
    expect(differences(kernel, fairlead)).toEqual([
      { step: 3, title: 'ipvsadm -Ln', kernel: ['b'], fairlead: ['failed'] },
    ]);
  });

  test('packets are compared by the run of packets, not by the moment they came out', () => {
    const send: PlannedAction = { step: 0, action: { kind: 'send', interface: 0, frame: '' } };
    const frame = `02000000000b020000000002080045000014000040003f06${'0'.repeat(32)}`;
    const [early, late] = [
      [
        { at: 0, frames: [[0, frame]] },
        { at: 0, frames: [] },
      ],
      [
        { at: 0, frames: [] },
        { at: 0, frames: [[0, frame]] },
      ],
    ] as const;
    expect(
      differences(
        observe({ number: 0, steps: [] }, [send, send], early),
        observe({ number: 0, steps: [] }, [send, send], late),
      ),
    ).toEqual([]);
    expect(
      differences(
        observe({ number: 0, steps: [] }, [send, send], early),
        observe({ number: 0, steps: [] }, [send, send], []),
      ),
    ).toHaveLength(1);
  });
});

const numbered = (...numbers: readonly number[]): Scenario => ({
  name: 'numbers',
  number: 0,
  steps: numbers.map((seconds): Step => ({ kind: 'pause', seconds })),
});
const numbersOf = ({ steps }: Scenario) => steps.map((step) => (step.kind === 'pause' ? step.seconds : -1));

describe('shrink', () => {
  test('leaves the steps that the difference needs', async () => {
    const small = await shrink(numbered(...Array.from({ length: 40 }, (_, index) => index)), (candidates) =>
      Promise.resolve(
        candidates.map((candidate) => [3, 17, 31].every((wanted) => numbersOf(candidate).includes(wanted))),
      ),
    );
    expect(numbersOf(small)).toEqual([3, 17, 31]);
  });

  test('makes packets plainer', async () => {
    const [from, to] = [
      { address: '10.0.0.201', port: 1024 },
      { address: '10.0.0.100', port: 80 },
    ];
    const packet = { kind: 'tcp', from, to, flags: 'S', payload: 9, ttl: 3 } as const;
    const start: Scenario = { name: 'one', number: 0, steps: [{ kind: 'send', interface: 0, packet }] };
    const small = await shrink(start, (candidates) =>
      Promise.resolve(candidates.map(({ steps }) => steps.length === 1)),
    );
    expect(small.steps).toEqual([
      { kind: 'send', interface: 0, packet: { kind: 'tcp', from, to, flags: 'S', payload: 0 } },
    ]);
  });
});

describe('script', () => {
  const scenario: Scenario = {
    name: 'seed 1, scenario 2',
    number: 2,
    steps: [
      { kind: 'ipvsadm', words: ['-A', '-t', '10.0.0.100:80', '-s', 'rr'] },
      { kind: 'sysctl', name: 'sloppy_tcp', value: '1' },
      { kind: 'look', counters: false },
    ],
  };

  test('is readable, and holds the scenario for a replay', () => {
    const text = scriptOf(scenario, []);
    expect(text).toContain(
      '\nipvsadm -A -t 10.0.0.100:80 -s rr\nvs sloppy_tcp 1\nipvsadm -Ln\nipvsadm -Lcn\n',
    );
    expect(readScenario(text)).toEqual(scenario);
    expect(readScenario(JSON.stringify(scenario))).toEqual(scenario);
  });

  test('knows whose ipvsadm is in the path', () => {
    const [, recognition] = /^(fairlead=.*)$/m.exec(scriptOf(scenario, [])) ?? [];
    const found = (directory: string) =>
      execFileSync('sh', ['-c', `${recognition}\n[ -x "$fairlead" ] && echo ours || echo other`], {
        env: { PATH: `${directory}:${process.env['PATH']}` },
        encoding: 'utf8',
      });
    expect(found(join(packageRoot, 'bin'))).toBe('ours\n');
    const other = mkdtempSync(join(tmpdir(), 'fairlead-'));
    writeFileSync(join(other, 'ipvsadm'), '#!/bin/sh\n', { mode: 0o755 });
    expect(found(other)).toBe('other\n');
    rmSync(other, { recursive: true });
  });

  test('steps are told by number', () => {
    expect(tell(scenario)).toBe(
      '    1  ipvsadm -A -t 10.0.0.100:80 -s rr\n    2  sysctl net.ipv4.vs.sloppy_tcp=1\n    3  look at listings\n',
    );
  });
});

describe('docs/compare.md', () => {
  const rows = readFileSync(join(packageRoot, 'docs/compare.md'), 'utf8')
    .split(/^## /m)
    .filter((chapter) => chapter.startsWith('What is not compared\n'))
    .flatMap((chapter) => chapter.split('\n'))
    .filter((line) => line.startsWith('| ') && !/^\| (what |-)/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

  test('lists what is not compared, with reasons', () => {
    const listed = rows.filter(({ length }) => length === 3);
    expect(listed.length).toBeGreaterThan(0);
    expect(listed).toEqual(excused.map(({ what, reason, how }) => [what, reason, how]));
  });

  test('lists every difference that is open, and nobody plays what it needs', () => {
    const listed = rows.filter(({ length }) => length === 4);
    expect(listed).toEqual(
      open.map(({ what, kernel, fairlead, feature }) => [what, kernel, fairlead, feature]),
    );
    for (const { feature } of open) expect(parseFeatures(undefined)).not.toContain(feature);
  });
});
