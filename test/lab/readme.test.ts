/** "Try it by hand" of the README, typed as it stands there. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../src/lab/package-root.ts';
import { run } from '../../src/lab/process.ts';
import { labParts, needsLab, standingLab } from './support.ts';

beforeEach(needsLab);

test('what the README has a newcomer type ends with an answer of the real server, and leaves nothing', async () => {
  const [up, ...lines] = typedIn(readFileSync(join(packageRoot, 'README.md'), 'utf8'));
  expect(up).toMatch(/^bin\/fairlead lab up dr\b/);
  // Other labs may stand beside this one, so that each command is to say which it means.
  const id = await standingLab();
  const script = lines
    .map((line) =>
      line.replace(/ lab (exec|shell) /, ` lab $1 --lab ${id} `).replace(/ lab down\b/, `$& ${id}`),
    )
    .join('\n');
  const { code, stdout, stderr } = await run(['sh', '-ec', `cd '${packageRoot}'\n${script}`], {
    timeoutMs: 60_000,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: `lab ${id} is down\n` });
  expect(stdout).toContain('-> 172.25.138.2:80              Route   3');
  expect(stdout).toMatch(/^vip-not-here: .*^vip-missing: real server 172\.25\.138\.2 /ms);
  expect(stdout).toMatch(/^server2$/m);
  expect(labParts(id)).toEqual([]);
});

/** Commands of the block below the heading; those of a shell in the lab, which are indented, as its input. */
function typedIn(readme: string): readonly string[] {
  const [, block = ''] = /^## Try it by hand\n+```sh\n(.*?)^```/ms.exec(readme) ?? [];
  return block
    .replace(/ +#.*$/gm, '')
    .replace(/^(bin.* lab shell .*)\n((?: {2}.*\n)+)/gm, "$1 <<'END'\n$2END\n")
    .trimEnd()
    .split(/\n(?=bin)/);
}
