/**
 * Taking a lab down, from whatever state it is in: whole, half built, half gone, or in someone else's hands
 * at the same time. Nothing but the lab's id is needed, every step may find its work done, every wait ends.
 */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { directorSockets, outlastDirectors } from './directors.ts';
import { labProcesses } from './environment.ts';
import { errnoOf, LabError } from './errors.ts';
import { realServerJournals, removeJournals } from './journals.ts';
import { namespacePrefix } from './plan.ts';
import { kill, namespaceOf, processesInside } from './proc.ts';
import { run } from './process.ts';
import { forget } from './record.ts';

const namespaceDirectory = '/run/netns';
const emptyWithinMs = 5_000;
const pollMs = 20;

/**
 * Kills what runs in the lab, deletes its namespaces, waits until its directors are gone and forgets it.
 * Answers what did not go as it should, one sentence each. Throws LabError when called from inside the lab.
 */
export async function tearDown(id: string): Promise<readonly string[]> {
  const namespaces = inodes(names(id));
  if (namespaces.includes(namespaceOf('self') ?? 0)) {
    throw new LabError(`you are inside lab ${id}: leave its shell first (exit)`);
  }
  const sockets = directorSockets(namespaces);
  const journals = realServerJournals(namespaces);
  const faults = [...(await empty(id)), ...(await outlastDirectors(id, sockets))];
  removeJournals(journals);
  forget(id);
  return faults;
}

/**
 * Kills and deletes until nothing is left. Once is not enough: a child of a killed owner may be at work
 * still, and a killed process takes a moment to go. Who is inside at one look only is spared: a director's
 * daemon pays its namespace short visits.
 */
async function empty(id: string): Promise<readonly string[]> {
  const deadline = Date.now() + emptyWithinMs;
  let before: readonly number[] = [];
  for (;;) {
    const left = names(id);
    const inside = [...processesInside(new Set(inodes(left))), ...strays(id)];
    if (left.length === 0 && inside.length === 0) return [];
    if (Date.now() > deadline) {
      return [`lab ${id} is not empty after ${emptyWithinMs / 1000} s: ${[...left, ...inside].join(' ')}`];
    }
    for (const pid of inside.filter((pid) => before.includes(pid))) kill(pid);
    before = inside;
    if (inside.length === 0) await deleteNamespaces(left);
    else await sleep(pollMs);
  }
}

/** Processes of the lab that are not in one of its namespaces (yet), but in ours: a killed owner's `ip`. */
function strays(id: string): readonly number[] {
  const own = namespaceOf('self');
  return labProcesses(id).filter((pid) => namespaceOf(pid) === own);
}

async function deleteNamespaces(left: readonly string[]): Promise<void> {
  const stdin = left.map((name) => `netns del ${name}\n`).join('');
  // -force: someone else may have deleted the first one a moment ago. The caller looks what is left.
  await run(['ip', '-force', '-batch', '-'], { stdin });
}

function names(id: string): readonly string[] {
  try {
    return readdirSync(namespaceDirectory).filter((name) => name.startsWith(namespacePrefix(id)));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function inodes(namespaces: readonly string[]): readonly number[] {
  return namespaces.flatMap(
    (name) => statSync(join(namespaceDirectory, name), { throwIfNoEntry: false })?.ino ?? [],
  );
}
