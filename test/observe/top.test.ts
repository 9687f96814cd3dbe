/** `fairlead top` on a terminal: what it shows of a director under traffic, its keys, and what it leaves behind. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { must } from '../director/processes.ts';
import { command, createSegment, serveNames, vip } from '../director/segment.ts';
import { bin, createNamespace, needsRoot, root } from '../director/support.ts';

beforeEach(needsRoot);

type Step =
  | { readonly wait: string }
  | { readonly match: string }
  | { readonly gone: string }
  | { readonly send: string }
  | { readonly resize: readonly [rows: number, columns: number] }
  | { readonly signal: string }
  | { readonly exit: true };

type Played = {
  /** The screen after each step. */
  readonly screens: readonly string[];
  readonly code: number | null;
  readonly output: string;
  readonly restored: boolean;
};

/** Plays the steps on a terminal of 24 lines and 80 columns. Throws where one does not come about. */
async function onTerminal(argv: readonly string[], steps: readonly Step[]): Promise<Played> {
  const script = join(root, 'test/observe/on-terminal.py');
  const text = await must(['python3', script, JSON.stringify(steps), ...argv], { limitMs: 100_000 });
  const { seen, ...rest } = JSON.parse(text);
  const stuck = seen.find(({ done }: { readonly done: boolean }) => !done);
  if (stuck) throw new Error(`${JSON.stringify(stuck.step)} with this on the screen:\n${stuck.screen}`);
  return { screens: seen.map(({ screen }: { readonly screen: string }) => screen), ...rest };
}

const own = '\u001b[?1049h';
const former = '\u001b[?25h\u001b[?1049l';

test('shows services and real servers under traffic, obeys its keys, fits every size and leaves no trace', async () => {
  const segment = await createSegment('s2', 's3');
  const { director, client } = segment;
  await serveNames(segment, 'rr');
  await command(director, '-A -u 172.25.138.100:53 -s wlc');
  client.start('sh', '-c', `while :; do curl -sm 2 -o /dev/null http://${vip}/; sleep 0.05; done`);
  const { screens, code, output, restored } = await onTerminal(
    director.inside([bin.fairlead, 'top', '--interval', '0.5']),
    [
      { wait: 'SERVICE' },
      { wait: 'q quit' },
      { send: '\r' },
      { wait: '  172.25.138.2:80' },
      { match: `^tcp:${vip}:80 +2/2 +\\d+ +\\d+ +[1-9]` },
      { send: '/udp' },
      { wait: 'filter: udp_' },
      { gone: `tcp:${vip}:80` },
      { send: '\r' },
      { wait: 'filter udp (1 lines)' },
      { send: '\u001b' },
      { wait: `tcp:${vip}:80` },
      { send: 'p' },
      { wait: 'paused' },
      { send: 'ps' },
      { wait: 'vPACKETS/S' },
      { resize: [10, 100] },
      { wait: `tcp:${vip}:80${' '.repeat(20)}` },
      { send: '?' },
      { wait: 'sort by the next' },
      { send: 'x' },
      { gone: 'sort by the next' },
      { send: 'q' },
      { exit: true },
    ],
  );
  expect([code, restored]).toEqual([0, true]);
  expect(output.startsWith(own)).toBe(true);
  expect(output.endsWith(former)).toBe(true);
  const first = screens[1]?.split('\n') ?? [];
  expect(first).toHaveLength(24);
  expect(first.every((line) => line.length <= 80)).toBe(true);
  expect(first[3]).toBe(`! udp:${vip}:53 has no real server`);
  expect(first[5]).toMatch(new RegExp(`^tcp:${vip}:80 +2/2 `));
  const opened = screens[3] ?? '';
  expect(opened).toMatch(/^ {2}172\.25\.138\.2:80 +1 +\d+ +\d+ +[\d.]+ +[\d.]+ +[\d.]+k?$/m);
  expect(screens[17]?.split('\n')).toHaveLength(10);
});

test('a signal, the end of the director and ^C leave the terminal as it was', async () => {
  const director = await createNamespace('top');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  const top = director.inside([bin.fairlead, 'top', '--interval', '0.5']);
  const ended = await onTerminal(top, [{ wait: 'tcp:10.0.0.100:80' }, { send: '\u0003' }, { exit: true }]);
  expect([ended.code, ended.restored, ended.output.endsWith(former)]).toEqual([0, true, true]);
  const killed = await onTerminal(top, [
    { wait: 'tcp:10.0.0.100:80' },
    { signal: 'SIGTERM' },
    { exit: true },
  ]);
  expect([killed.code, killed.restored]).toEqual([143, true]);
  expect(killed.output).toContain(`${former}fairlead: interrupted (SIGTERM)`);
});

test('a crash gives the terminal back before it says what it was', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'crash.mjs');
  await build({
    stdin: {
      contents: `import { openTerminal } from './src/cli/top/terminal.ts';
        const terminal = openTerminal({ key: () => { throw new Error('out of luck'); }, resized: () => {} });
        terminal.draw(['here I am'], new Set());`,
      resolveDir: root,
    },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile: program, logLevel: 'error' },
  });
  const steps = [{ wait: 'here I am' }, { send: 'x' }, { exit: true }] as const;
  const { code, restored, output } = await onTerminal([process.execPath, program], steps);
  expect([code, restored]).toEqual([1, true]);
  expect(output.indexOf('out of luck')).toBeGreaterThan(output.indexOf(former));
});

test('without a terminal it says so, and --once prints a screen', async () => {
  const director = await createNamespace('once');
  await command(director, '-A -t 10.0.0.100:80 -s rr');
  await command(director, '-a -t 10.0.0.100:80 -r 10.0.0.2:80 -g -w 3');
  expect(await director.fairlead('top')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: 'fairlead: top needs a terminal; --once prints one screen without\n',
  });
  const { code, stdout } = await director.fairlead('top --once --open --interval 0.5');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^tcp:10\.0\.0\.100:80 +1\/1 +0 +0 +0 +0 +0\n {2}10\.0\.0\.2:80 +3 +0 +0 +0 +0 +0\n$/m,
  );
  expect((await director.fairlead('top --interval 0')).stderr).toContain('It is a number from 0.5 to 60.');
});
