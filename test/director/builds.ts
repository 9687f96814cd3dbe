/** Other builds of Fairlead, as a later version would be one: this house, with something in it that differs. */

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FlLimit, objectSha256 } from '../../src/dataplane/bpf/abi.gen.ts';
import { root } from './support.ts';

export type Difference = {
  /** Whether the bundles know the object; default true. */
  readonly knownObject?: boolean;
  /** FL_ABI_VERSION; default this build's. The layout is the same by any number. */
  readonly layout?: number;
  /** Whether it has a field of another shape, so that nothing can be carried over to it. */
  readonly isUnlike?: boolean;
  /** The daemon kills itself where its bundle says this, once. */
  readonly killedBefore?: RegExp;
  /** The licence that the programs declare, as many letters as ours; the kernel lets only some have what they call. */
  readonly licence?: 'Dual MIT/GPL' | 'Proprietary.';
};

const ours = 'Dual BSD/GPL';

/** Does the same, from an object whose octets are others. Gone after the test. */
export function otherBuild({ knownObject = true, licence = 'Dual MIT/GPL', ...how }: Difference = {}) {
  const house = mkdtempSync(join(tmpdir(), 'fl-test-house-'));
  onTestFinished(() => rmSync(house, { recursive: true, force: true }));
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(root, part), join(house, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'));
  mkdirSync(join(house, 'bpf'));
  const object = join(house, 'bpf/director.bpf.o');
  const bytes = replaced(readFileSync(join(root, 'bpf/director.bpf.o')), ours, licence);
  writeFileSync(object, bytes);
  const daemon = join(house, 'dist/fairleadd.js');
  const digest = knownObject ? createHash('sha256').update(bytes).digest('hex') : objectSha256;
  writeFileSync(daemon, changed(readFileSync(daemon, 'utf8').replaceAll(objectSha256, digest), how));
  return { house, object, ipvsadm: join(house, 'bin/ipvsadm'), fairlead: join(house, 'bin/fairlead') };
}

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0 || to.length !== from.length) throw new Error(`no ${from} to replace by ${to}`);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]);
}

function changed(bundle: string, { layout, isUnlike, killedBefore }: Difference): string {
  const version = `FL_LIMIT_ABI_VERSION: ${FlLimit.FL_LIMIT_ABI_VERSION},`;
  const number = 'sentMtu: { offset: 64, type: "u32" }'; // which no daemon reads
  let text = bundle;
  if (layout !== undefined) text = once(text, version, () => `FL_LIMIT_ABI_VERSION: ${layout},`);
  if (isUnlike === true) text = once(text, number, () => 'sentMtu: { offset: 64, type: "u16", length: 2 }');
  if (killedBefore !== undefined)
    text = once(text, killedBefore, (found) => `process.kill(process.pid, 'SIGKILL');\n${found}`);
  return text;
}

function once(text: string, from: string | RegExp, to: (found: string) => string): string {
  if (text.split(from).length !== 2) throw new Error(`the bundle does not say once: ${from}`);
  return text.replace(from, to);
}
