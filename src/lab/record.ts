/**
 * What a lab leaves on disk so that anyone can find it and take it down: /run/fairlead/lab/<id>/.
 *
 * The directory is made before the first namespace and goes after the last one, so a lab that is half built
 * or half gone always has one. It also holds the hosts' files (`<id>/server2/www/index.html`).
 */

import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './errors.ts';
import type { ProcessIdentity } from './proc.ts';

const labDirectory = '/run/fairlead/lab';

export type LabRecord = {
  readonly id: string;
  readonly topology: string;
  readonly owner: ProcessIdentity;
  /** It stays after its owner has ended, until `fairlead lab down`. */
  readonly standing: boolean;
  /** ISO 8601, UTC. */
  readonly since: string;
};

/** A lab's directory. `record` is missing when its owner was killed before, or is just about to write it. */
export type Remains = { readonly id: string; readonly record?: LabRecord; readonly ageMs: number };

/** Claims an id that no other lab has, by making its directory. */
export function claimId(): string {
  mkdirSync(labDirectory, { recursive: true, mode: 0o700 });
  for (;;) {
    const id = Array.from({ length: 5 }, () => randomInt(36).toString(36)).join('');
    try {
      mkdirSync(join(labDirectory, id), { mode: 0o700 });
      return id;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Writes the record in one step: a reader sees the old one or the new one. */
export function writeRecord(record: LabRecord): void {
  const path = recordPath(record.id);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The record of a lab, or `undefined` when there is none. */
export function readRecord(id: string): LabRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordPath(id), 'utf8')) as LabRecord;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Every lab that has a directory now, oldest first. */
export function listRemains(): readonly Remains[] {
  const remains = directoryNames(labDirectory).flatMap((id) => {
    const made = statSync(join(labDirectory, id), { throwIfNoEntry: false })?.birthtimeMs;
    const record = readRecord(id);
    return made === undefined ? [] : [{ id, ageMs: Date.now() - made, ...(record && { record }) }];
  });
  return remains.toSorted((a, b) => b.ageMs - a.ageMs);
}

/** Every lab that has a record now, oldest first. */
export function listLabs(): readonly LabRecord[] {
  return listRemains().flatMap(({ record }) => record ?? []);
}

/** The directory of a host's own files. */
export function hostDirectory(id: string, host: string): string {
  return join(labDirectory, id, host);
}

/** Removes a lab's directory; fine when it is gone. */
export function forget(id: string): void {
  rmSync(join(labDirectory, id), { recursive: true, force: true });
}

function recordPath(id: string): string {
  return join(labDirectory, id, 'lab.json');
}

function directoryNames(path: string): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
