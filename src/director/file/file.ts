/**
 * The configuration file of a daemon: applied when it starts and when it is told to reload, all of it or nothing, by the
 * code that `fairlead apply` goes by.
 */

import { readFileSync } from 'node:fs';
import type { ReloadAnswer, RouteInput, TransactionAnswer } from '../api/routes.ts';
import { refusalOf } from '../config/apply.ts';
import { callOf } from '../config/calls.ts';
import type { Configuration, Running } from '../config/configuration.ts';
import { difference } from '../config/diff.ts';
import { summary } from '../config/explain.ts';
import { problemLines } from '../config/problem.ts';
import { readConfiguration } from '../config/read.ts';
import { FairleadError } from '../ipvs/errors.ts';

export type FileModules = {
  readonly running: () => Running;
  readonly transact: (calls: RouteInput<'transaction'>['body']) => TransactionAnswer;
};

export type ConfigurationFile = {
  /** Throws NO_CONFIGURATION, CONFIGURATION_REFUSED or the refusal of a step; everything is as it was then. */
  apply(): ReloadAnswer;
};

/** `path`: absent, where the daemon was given no file. */
export function createConfigurationFile(
  path: string | undefined,
  { running, transact }: FileModules,
): ConfigurationFile {
  return {
    apply() {
      if (path === undefined)
        throw new FairleadError('NO_CONFIGURATION', 'it was started without; `fairlead apply` needs none');
      const steps = difference(running(), load(path));
      if (steps.length > 0) {
        const { refused } = transact(steps.map(callOf));
        if (refused) throw refusalOf(steps, refused);
      }
      return { file: path, changes: steps.length, summary: summary(steps) };
    },
  };
}

function load(path: string): Configuration {
  const result = readConfiguration(textOf(path));
  if ('configuration' in result) return result.configuration;
  throw new FairleadError('CONFIGURATION_REFUSED', problemLines(path, result.problems, mostSaid).join('\n'));
}

/** In a log; `fairlead check` says them all. */
const mostSaid = 10;

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `${syscall}: ${code}`;
    throw new FairleadError('CONFIGURATION_REFUSED', `${path}: ${why}`, { cause: error });
  }
}
