/** A configuration file, read; what is wrong with it is said on standard error. */

import { text as textOf } from 'node:stream/consumers';
import type { Configuration } from '../../config/configuration.ts';
import { problemLines } from '../../config/problem.ts';
import { readConfiguration } from '../../config/read.ts';
import { readNamed, UnreadableFile } from '../../linux/named-file.ts';
import { usualPath } from './file-argument.ts';

/** Nobody mends more at once. */
const mostShown = 50;

/** `undefined` where the file is wrong: everything has been said then. `-` is standard input. Rejects where it cannot be read. */
export async function loadConfiguration(path: string): Promise<Configuration | undefined> {
  const result = readConfiguration(await readText(path));
  if ('configuration' in result) return result.configuration;
  process.stderr.write(`${problemLines(path, result.problems, mostShown).join('\n')}\n`);
  process.exitCode = 1;
  return undefined;
}

/** Rejects with UnreadableFile. */
export async function readText(path: string): Promise<string> {
  if (path === '-') return await textOf(process.stdin);
  return await readNamed(path).then(String, (error: unknown) => {
    if (error instanceof UnreadableFile) error.message += hintFor(error, path);
    throw error;
  });
}

/** What commands can do, and a daemon cannot. */
function hintFor({ code }: UnreadableFile, path: string): string {
  if (code === 'ENOENT' && path === usualPath) return '; `fairlead export` writes one of what runs';
  return code === 'NOT_A_FILE' ? ', or - for standard input' : '';
}
