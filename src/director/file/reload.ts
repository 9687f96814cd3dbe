/**
 * Reading the configuration file again, and what is said of it: by `fairlead reload`, which waits for the outcome, by
 * SIGHUP, which cannot, and at the start. A file that is refused leaves everything as it is.
 */

import { existsSync } from 'node:fs';
import type { ReloadAnswer } from '../../api/routes.ts';
import { plural } from '../../config/explain.ts';
import { FairleadError, messageOf } from '../../ipvs/errors.ts';
import type { Logger } from '../../ipvs/log.ts';
import type { Supervisor } from '../supervisor.ts';
import type { ConfigurationFile } from './file.ts';

export type ReloadModules = {
  readonly file: ConfigurationFile;
  readonly supervisor: Pick<Supervisor, 'reloading' | 'ready'>;
  readonly log: Logger;
};

export function createReload({ file, supervisor, log }: ReloadModules) {
  let refusal = '';
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<ReloadAnswer> | undefined;
  let isServing = false;
  let isDue = false;

  const apply = async (): Promise<ReloadAnswer> => {
    try {
      const answer = await file.apply();
      refusal = '';
      log.info(`${answer.file}: ${answer.changes === 0 ? 'nothing to change' : answer.summary}`);
      return answer;
    } catch (error) {
      const [first = '', ...others] = messageOf(error).split('\n');
      refusal = first;
      for (const line of [first, ...others]) log.error(line);
      // Nobody has foreseen it: where it comes from is all that there is to go by.
      if (error instanceof Error && !(error instanceof FairleadError)) log.error(error.stack ?? error.name);
      throw error;
    }
  };
  const whole = async (): Promise<ReloadAnswer> => {
    next = undefined;
    supervisor.reloading();
    try {
      return await apply();
    } finally {
      supervisor.ready();
    }
  };
  /** One after the other. Who asks while one goes on waits for the next, which sees what he has written into the file. */
  const now = (): Promise<ReloadAnswer> => {
    next ??= current.then(whole);
    current = next.catch(() => undefined);
    return next;
  };
  const quietly = (): void => {
    if (isServing) void now().catch(said);
    else isDue = true;
  };
  return {
    /** Rejects as ConfigurationFile.apply. */
    now,
    /** For a signal. Before anybody is served it waits for that: a supervisor that is told of a reload takes the daemon for ready. */
    quietly,
    /** Before anybody is served at the socket. A director whose file is wrong, or not there yet, serves what the kernel has. */
    async first(path: string): Promise<void> {
      if (existsSync(path)) await apply().catch(said);
      else log.info(`${path}: there is no such file, so nothing is applied`);
    },
    /** From now on. */
    serving(): void {
      isServing = true;
      if (isDue) quietly();
    },
    /** Resolves once what has been asked for is done. */
    close: async (): Promise<void> => {
      await current;
    },
    /** What `systemctl status` shows. */
    sentence: (services: number): string =>
      `Serving ${plural(services, 'service')}${refusal === '' ? '' : `, as before: ${refusal}`}`,
  };
}

/** What has failed is in the log already, and nothing that a file brings about may end the daemon. */
function said(): void {}
