/**
 * What real ipvsadm 1.31 over kernel IPVS answered, replayed against a real director: each command line through
 * ipvsadm's bundle, and each eighth through bin/ipvsadm in a process of its own.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { excusedCommands, type GoldenStep, goldenHosts, readGolden, shellWords } from '../golden/subset.ts';
import { answering } from './answering.ts';
import { must, type Outcome } from './processes.ts';
import { addInterface, bin, createNamespace, type Namespace, needsRoot } from './support.ts';

/** A number that shrinks has to be explained. */
const replayed = { 'ipvsadm.jsonl': 325, 'services.jsonl': 322 };

/** Groups are replayed side by side, each lane in its own namespace. */
const lanes = 2;

const processEach = 8;

beforeEach(needsRoot);
beforeEach((context) => {
  context.skip(!existsSync('/etc/services'), 'needs /etc/services (Debian package netbase)');
});

test.each(Object.entries(replayed))('%s: %i recorded steps are answered to the byte', async (name, steps) => {
  const groups = groupsOf(readGolden(name));
  const counts = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      const place = await createRecordingPlace();
      let count = 0;
      for (const group of groups.filter((_, index) => index % lanes === lane)) {
        count += await replay(place, group);
      }
      return count;
    }),
  );
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(steps);
});

type Place = { readonly namespace: Namespace; readonly ask: ReturnType<typeof answering> };

let asked = 0;

/** Answers how many steps were replayed. */
async function replay({ namespace, ask }: Place, steps: readonly GoldenStep[]): Promise<number> {
  const excused = excusedCommands();
  // What makes no sense never comes to a director, unless lines before it do; src/ipvsadm/golden.test.ts has it.
  const inside = steps.filter(({ cmd, code, stdin }) => !excused.has(cmd) && (code !== 2 || stdin));
  let count = 0;
  for (const step of inside) {
    if (step.cmd === '@hosts') {
      writeFileSync(`/etc/netns/${namespace.name}/hosts`, step.stdin ?? '');
      continue;
    }
    const [, ...words] = shellWords(step.cmd);
    const input = step.stdin ?? '';
    const answer = await (++asked % processEach === 0
      ? namespace.run([bin.ipvsadm, ...words], { input })
      : ask(words, input));
    expect(comparable(answer, step), `${step.group}: ${step.cmd}`).toEqual(comparable(step, step));
    count++;
  }
  return count;
}

/** Where the order of lines came from a hash with a random seed, they are compared as a set. */
function comparable({ stdout, stderr, code }: Outcome, { unstable }: GoldenStep): Outcome {
  return { stdout: unstable ? stdout.split('\n').sort().join('\n') : stdout, stderr, code };
}

/** Steps by group, in their order; each group begins with `ipvsadm -C`. */
function groupsOf(steps: readonly GoldenStep[]): readonly (readonly GoldenStep[])[] {
  const names = [...new Set(steps.map(({ group }) => group))];
  return names.map((name) => steps.filter(({ group }) => group === name));
}

/** The namespace of the recording: lo, eth0 with 10.0.0.2/24, the VIP on it, localhost the only name. */
async function createRecordingPlace(): Promise<Place> {
  const namespace = await createNamespace('golden');
  const { name } = namespace;
  mkdirSync(`/etc/netns/${name}`, { recursive: true }); // ip-netns(8): mounted over /etc, goes with the namespace
  writeFileSync(`/etc/netns/${name}/hosts`, goldenHosts);
  writeFileSync(`/etc/netns/${name}/resolv.conf`, '');
  await addInterface(namespace, 'eth0', '10.0.0.2/24');
  await must(['ip', '-n', name, 'address', 'add', '10.0.0.100/32', 'dev', 'eth0']);
  return { namespace, ask: answering(namespace) };
}
