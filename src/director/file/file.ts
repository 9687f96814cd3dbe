/**
 * The configuration file of a daemon: applied when it starts and when it is told to reload, all of it or nothing, by the
 * code that `fairlead apply` goes by.
 */

import type { ReloadAnswer } from '../../api/routes.ts';
import { applyConfiguration, type Target } from '../../config/apply.ts';
import type { Configuration } from '../../config/configuration.ts';
import { summary } from '../../config/explain.ts';
import { problemLines } from '../../config/problem.ts';
import type { ReadResult } from '../../config/read.ts';
import { FairleadError, messageOf } from '../../ipvs/errors.ts';
import { readNamed } from '../../linux/named-file.ts';

export type FileModules = {
  readonly target: Target;
  readonly read: (text: string) => Promise<ReadResult>;
};

export type ConfigurationFile = {
  /** Rejects with NO_CONFIGURATION, CONFIGURATION_REFUSED or the refusal of a step; everything is as it was then. */
  apply(): Promise<ReloadAnswer>;
};

/** `path`: absent, where the daemon was given no file. */
export function createConfigurationFile(
  path: string | undefined,
  { target, read }: FileModules,
): ConfigurationFile {
  return {
    async apply() {
      if (path === undefined)
        throw new FairleadError('NO_CONFIGURATION', 'it was started without; `fairlead apply` needs none');
      const steps = await applyConfiguration(target, await load(path, read));
      return { file: path, changes: steps.length, summary: summary(steps) };
    },
  };
}

async function load(path: string, read: FileModules['read']): Promise<Configuration> {
  const bytes = await readNamed(path).catch((error: unknown) => {
    throw refusal(messageOf(error), error);
  });
  const result = await read(bytes.toString()).catch((error: unknown) => {
    throw refusal(`${path}: ${messageOf(error)}`, error);
  });
  if ('configuration' in result) return result.configuration;
  throw refusal(problemLines(path, result.problems, mostSaid).join('\n'));
}

/** In a log; `fairlead check` says them all. */
const mostSaid = 10;

function refusal(detail: string, cause?: unknown): FairleadError {
  return new FairleadError('CONFIGURATION_REFUSED', detail, { cause });
}
