/**
 * Reading the configuration file again, and what is said of it: by `fairlead reload`, which waits for the outcome, by
 * SIGHUP, which cannot, and at the start. A file that is refused leaves everything as it is.
 */

import { existsSync } from 'node:fs';
import type { ReloadAnswer } from '../api/routes.ts';
import { plural } from '../config/explain.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import type { ConfigurationFile } from './configuration-file.ts';
import type { Supervisor } from './supervisor.ts';

export type ReloadModules = {
  readonly file: ConfigurationFile;
  readonly supervisor: Pick<Supervisor, 'reloading' | 'ready'>;
  readonly log: Logger;
};

export function createReload({ file, supervisor, log }: ReloadModules) {
  let refusal = '';
  const apply = (): ReloadAnswer => {
    try {
      const answer = file.apply();
      refusal = '';
      log.info(`${answer.file}: ${answer.changes === 0 ? 'nothing to change' : answer.summary}`);
      return answer;
    } catch (error) {
      if (!(error instanceof FairleadError)) throw error;
      refusal = error.message.split('\n')[0] ?? '';
      for (const line of error.message.split('\n')) log.error(line);
      throw error;
    }
  };
  const now = (): ReloadAnswer => {
    supervisor.reloading();
    try {
      return apply();
    } finally {
      supervisor.ready();
    }
  };
  const quietly = (attempt: () => unknown): void => {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof FairleadError)) throw error; // the log has it already
    }
  };
  return {
    /** Throws as ConfigurationFile.apply. */
    now,
    /** For a signal. */
    quietly: (): void => quietly(now),
    /** Before anybody is served. A director whose file is wrong, or not there yet, serves what the kernel has. */
    first(path: string): void {
      if (existsSync(path)) quietly(apply);
      else log.info(`${path}: there is no such file, so nothing is applied`);
    },
    /** What `systemctl status` shows. */
    sentence: (services: number): string =>
      `Serving ${plural(services, 'service')}${refusal === '' ? '' : `, as before: ${refusal}`}`,
  };
}
