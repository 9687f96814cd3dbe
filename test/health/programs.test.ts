/** The programs that take checks through direct routing, as the kernel takes them: `npm run kernel` asks another one. */

import { beforeEach, expect, test } from 'vitest';
import { startCheckPrograms } from '../../src/health/direct/programs.ts';
import { inNamespace } from '../../src/linux/namespace.ts';
import { createNamespace, needsRoot } from '../director/support.ts';

beforeEach(needsRoot);

test('the programs of checks come on an interface, once the kernel has verified them, and go again', async () => {
  const namespace = await createNamespace('programs');
  const where = `/run/netns/${namespace.name}`;
  await namespace.must('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'wire');
  const attached = async () => {
    const filters = ['ingress', 'egress'].map((side) =>
      namespace.must('tc', 'filter', 'show', 'dev', 'eth0', side),
    );
    return (await Promise.all(filters)).map((text) => /fl_check_\w+/.exec(text)?.[0]);
  };
  const programs = inNamespace(where, startCheckPrograms);
  expect(await attached()).toEqual(['fl_check_in', 'fl_check_out']);
  inNamespace(where, programs.remove);
  expect(await attached()).toEqual([undefined, undefined]);
});
