/** A file that is there, or is not: how people take a real server off by hand, as ldirectord's do. */

import { stat } from 'node:fs/promises';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { filledIn } from '../words.ts';

export async function probeFile(
  { path, down }: Extract<Probe, { kind: 'file' }>,
  { target, looks }: Attempt,
): Promise<Success> {
  const name = filledIn(path, target);
  if ((await looks.at(name, isThere)) === (down === 'present'))
    throw new ProbeFailure('maintenance', `${name} is ${down === 'present' ? 'there' : 'not there'}`);
  return {};
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
