/** The walkthrough ends well, and however it ends, it leaves nothing behind. */

import { beforeEach, describe, expect, test } from 'vitest';
import {
  directorPrograms,
  fairlead,
  hasBpftool,
  labParts,
  loadedPrograms,
  needsLab,
  reaperOf,
  startWalkthrough,
  type Walkthrough,
} from './support.ts';

beforeEach(needsLab);

const soon = { timeout: 60_000, interval: 50 };

test('two walkthroughs at once end with 0, with every row seen', async () => {
  const both = [startWalkthrough(), startWalkthrough()];
  const labs = await Promise.all(both.map(labOf));
  expect(await Promise.all(both.map(({ end }) => end))).toEqual([0, 0]);
  expect(labs.map(labParts)).toEqual([[], []]);
  for (const { text } of both) {
    const rows = [...text().matchAll(/^(\d[ab]?) +\S/gm)].map(([, row]) => row);
    expect(rows).toEqual(['1', '2', '3', '4', '5', '6', '7a', '8', '7b', '7b', '8']);
    expect(text()).toMatch(/\n✓ walkthrough: every step showed what it must \(\d+ checks, .*\)\n$/);
    expect(text()).not.toContain('✗');
  }
});

describe('a walkthrough leaves nothing', () => {
  test.for([
    ['while the lab is built', ''],
    ['while the first director comes up', '-s rr'],
    ['while a curl hangs', 'curl -sS -m 2 172.25.138.100\n'],
    ['under load', ' &\n  · ip neigh del'],
  ] as const)('that is killed with kill -9 %s', async ([, when]) => {
    const walkthrough = startWalkthrough();
    const lab = await labOf(walkthrough);
    await expect.poll(walkthrough.text, soon).toContain(when);
    const programs = (await hasBpftool()) ? await directorPrograms(lab) : [];
    walkthrough.child.kill('SIGKILL');
    expect(await walkthrough.end).toBe('SIGKILL');
    await expect.poll(() => labParts(lab), soon).toEqual([]);
    const left = async () => (await loadedPrograms()).filter((program) => programs.includes(program));
    if (programs.length > 0) await expect.poll(left, soon).toEqual([]);
  });

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that is ended by %s', async ([signal, code]) => {
    const walkthrough = startWalkthrough();
    const lab = await labOf(walkthrough);
    await expect.poll(walkthrough.text, soon).toContain('httpd');
    walkthrough.child.kill(signal);
    expect(await walkthrough.end).toBe(code);
    expect(labParts(lab)).toEqual([]);
  });

  test('that is killed together with its reaper, once the next lab command has run', async () => {
    const walkthrough = startWalkthrough();
    const lab = await labOf(walkthrough);
    await expect.poll(walkthrough.text, soon).toContain('httpd');
    process.kill(reaperOf(lab) ?? Number.NaN, 'SIGKILL');
    walkthrough.child.kill('SIGKILL');
    await walkthrough.end;
    expect(labParts(lab)).toContain(`fl-${lab}-server1`);
    expect((await fairlead('lab', 'list')).stdout).not.toContain(lab);
    expect(labParts(lab)).toEqual([]);
  });

  test('whose reader goes away', async () => {
    const walkthrough = startWalkthrough();
    const lab = await labOf(walkthrough);
    await expect.poll(walkthrough.text, soon).toContain('httpd');
    walkthrough.child.stdout?.destroy();
    expect(await walkthrough.end).toBe(141);
    expect(labParts(lab)).toEqual([]);
  });
});

async function labOf({ id }: Walkthrough): Promise<string> {
  await expect.poll(id, soon).toBeDefined();
  return id() ?? '';
}
