/** docs/ipvsadm-compatibility.md, tried: what it says of commands is what the real ipvsadm answered, and what ours answers. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { compatibilityTable, readGolden } from '../golden/subset.ts';
import type { Outcome } from './processes.ts';
import { createNamespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

const steps = readGolden('differences.jsonl');
const commands = steps.filter(({ cmd }) => !cmd.startsWith('@'));
const table = compatibilityTable('command');

test('the page says what the real ipvsadm answered', () => {
  const recorded = commands.map((step) => [`\`${step.cmd}\``, said(step)]);
  expect(table.map(([command, ipvs]) => [command, ipvs])).toEqual(recorded);
});

test('the page says what ours answers', async () => {
  const namespace = await createNamespace('differences');
  const directory = `/etc/netns/${namespace.name}`; // ip-netns(8): mounted over /etc, goes with the namespace
  mkdirSync(directory, { recursive: true });
  const files = { '@hosts': 'hosts', '@nsswitch': 'nsswitch.conf' };
  for (const [cmd, file] of Object.entries(files))
    writeFileSync(`${directory}/${file}`, steps.find((step) => step.cmd === cmd)?.stdin ?? '');
  writeFileSync(`${directory}/resolv.conf`, '');
  const env = { PATH: `${root}bin:${process.env['PATH']}` };
  for (const [index, { cmd }] of commands.entries())
    expect(said(await namespace.run(['bash', '-c', cmd], { env })), cmd).toBe(table[index]?.[2]);
});

/** As a cell of the table. A negative code is the number of the signal. */
function said({ stdout, stderr, code }: Outcome): string {
  const lines = `${stdout}${stderr}`.split('\n').slice(0, -1);
  const texts = lines.map((line) => `\`${line}\``).join(', ');
  return `${code < 0 ? 128 - code : code}${texts === '' ? '' : `: ${texts}`}`;
}
