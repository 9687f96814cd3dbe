/** `npm run compare` as a person runs it, for as many scenarios as a test run has patience for. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, type TestContext, test } from 'vitest';
import { guestObstacle } from '../../src/compare/guest.ts';
import { type Outcome, run } from '../director/processes.ts';
import { needsRoot, root } from '../director/support.ts';

const main = join(root, 'dist/compare.js');

beforeEach(needsRoot);

function needsGuest(context: TestContext): void {
  const reason = guestObstacle();
  context.skip(reason !== undefined, reason);
}

/** In a temporary directory of its own, where it also leaves its scripts. */
async function compare(...words: readonly string[]): Promise<Outcome & { readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const env = { TMPDIR: directory };
  return { ...(await run([process.execPath, main, ...words], { env, limitMs: 110_000 })), directory };
}

test('random scenarios go the same way in kernel IPVS and in Fairlead', async (context) => {
  needsGuest(context);
  const { stdout, code } = await compare('--seed', '1', '--count', '6', '--workers', '3');
  expect(stdout).toContain('6 of 6 scenarios equal');
  expect(code).toBe(0);
});

test('a difference is shrunk and written as a script that can be replayed', async (context) => {
  needsGuest(context);
  const house = mkdtempSync(join(tmpdir(), 'fl-test-'));
  onTestFinished(() => rmSync(house, { recursive: true, force: true }));
  mkdirSync(join(house, 'dist'));
  // Takes every command and does nothing.
  writeFileSync(join(house, 'dist/ipvsadm.cjs'), 'exports.main = () => Promise.resolve(0);\n');
  writeFileSync(join(house, 'dist/fairlead.js'), 'export const main = () => Promise.resolve(0);\n');

  const scenario = {
    name: 'by hand',
    number: 0,
    steps: [
      { kind: 'ipvsadm', words: ['-A', '-t', '10.0.0.100:80', '-s', 'rr'] },
      { kind: 'ipvsadm', words: ['--set', '60', '60', '60'] },
      { kind: 'look', counters: false },
    ],
  };
  writeFileSync(join(house, 'scenario'), JSON.stringify(scenario));

  const { stdout, code, directory } = await compare('--replay', join(house, 'scenario'), '--house', house);
  expect(code).toBe(1);
  expect(stdout).toContain('at step 1, ipvsadm -Ln:\n  kernel    IP Virtual Server version');
  expect(stdout).toContain('0 of 1 scenarios equal');
  const [script = ''] = readdirSync(directory).filter((name) => name.endsWith('.sh'));
  expect(readFileSync(join(directory, script), 'utf8')).toMatch(
    /\nipvsadm -Ln\n[\s\S]*\n# scenario \{.*\}\n$/,
  );
});

test('a machine that cannot compare is told why, and that nothing was tried', async () => {
  const { stdout, code } = await compare('--house', '/nowhere');
  expect(stdout).toBe('skipped: /nowhere is not built (npm run build)\n');
  expect(code).toBe(77);
});
