/** A configuration file, read; what is wrong with it is said on standard error. */

import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Configuration } from '../../config/configuration.ts';
import { problemLines } from '../../config/problem.ts';
import { readConfiguration } from '../../config/read.ts';
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

const reasons: Readonly<Record<string, string>> = {
  EISDIR: 'it is a directory, and not a file',
  EACCES: 'it may not be read',
};

export async function readText(path: string): Promise<string> {
  if (path === '-') return await textOf(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
    const hint = path === usualPath ? '; `fairlead export` writes one of what runs' : '';
    const why = code === 'ENOENT' ? `there is no such file${hint}` : (reasons[code] ?? `${syscall}: ${code}`);
    throw Object.assign(new Error(`${path}: ${why}`), { code });
  }
}
