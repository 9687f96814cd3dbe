/** A daemon as what its own file is applied to (config/apply.ts): in turns, so that others have theirs in between. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Changes } from '../../api/changes.ts';
import type { RouteInput, TransactionAnswer } from '../../api/routes.ts';
import type { Target } from '../../config/apply.ts';
import type { Running } from '../../config/configuration.ts';
import { FairleadError } from '../../ipvs/errors.ts';

export type OwnModules = {
  /** Runs ahead of each step, as of each request, and may refuse it by throwing. */
  readonly before: () => void;
  readonly running: () => Running;
  /** The ETag of what runs. */
  readonly tag: () => string;
  readonly changes: Changes;
  readonly transact: (calls: RouteInput<'transaction'>['body']) => Promise<TransactionAnswer>;
};

export function ownTarget({ before, running, tag, changes, transact }: OwnModules): Target {
  return {
    async look() {
      await nextTurn();
      before();
      return { running: running(), tag: tag() };
    },
    async transact(calls, wanted) {
      await nextTurn();
      return changes.make(() => {
        before();
        if (wanted !== undefined && wanted !== tag()) throw new FairleadError('CONFIGURATION_CHANGED');
        return transact(calls);
      });
    },
  };
}
