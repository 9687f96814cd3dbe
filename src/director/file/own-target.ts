/** A daemon as what its own file is applied to (config/apply.ts): in turns, so that others have theirs in between. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Changes } from '../../api/changes.ts';
import type { RouteInput, TransactionAnswer } from '../../api/routes.ts';
import { byTurns, inTurns, type Turns } from '../../api/turns.ts';
import type { Target } from '../../config/apply.ts';
import type { Running } from '../../config/configuration.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { ServiceConfiguration } from '../../ipvs/service.ts';

export type OwnModules = {
  /** Runs ahead of each step, as of each request, and may refuse it by throwing. */
  readonly before: () => void;
  readonly running: () => Omit<Running, 'services'>;
  /** Each is looked at when it is asked for. */
  readonly services: () => Iterable<ServiceConfiguration>;
  readonly turns: () => Turns;
  /** The ETag of what runs. */
  readonly tag: () => string;
  readonly changes: Changes;
  readonly transact: (calls: RouteInput<'transaction'>['body']) => Promise<TransactionAnswer>;
};

export function ownTarget(modules: OwnModules): Target {
  const { before, running, services, turns, tag, changes, transact } = modules;
  return {
    async look() {
      await nextTurn();
      before();
      // The tag is of before the rest is looked at: whoever changes something by it changes nothing that was not seen.
      const [seen, all, own] = [tag(), [] as ServiceConfiguration[], turns()];
      for await (const service of byTurns(services(), own)) all.push(service);
      return { running: { ...running(), services: all }, tag: seen };
    },
    work: (pieces) => inTurns(pieces, turns()),
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
