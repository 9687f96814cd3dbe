/**
 * Reads a configuration beside everything else that a daemon does. The text of 2,000 services takes a second and a half, in
 * which no check would be heard, no request answered and no watchdog be told; and its tree takes 200 MB, which go with the
 * thread.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type ReadResult, readConfiguration } from '../../config/read.ts';
import { version } from '../../ipvs/version.ts';

/** What is no longer is read sooner than a thread starts. */
const shortCharacters = 1 << 15;

export type ThreadAnswer = { readonly version: string; readonly result: ReadResult };

/** Rejects where the thread does not get to the end, for want of memory for instance. */
export async function readAside(text: string): Promise<ReadResult> {
  if (text.length <= shortCharacters) return readConfiguration(text);
  const { version: itsVersion, result } = await new Promise<ThreadAnswer>((resolve, reject) => {
    const thread = new Worker(threadPath(), { workerData: text });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the thread that reads it has ended with ${code}`)));
  });
  // What is installed may be of another version by now, which means something else by what it answers.
  return itsVersion === version ? result : readConfiguration(text);
}

/** dist/reader.js beside the bundle, or the source where Node runs it unbuilt. */
function threadPath(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundled = [join(here, 'reader.js'), join(here, '../../../dist/reader.js')].find(existsSync);
  return bundled ?? join(here, 'thread.ts');
}
