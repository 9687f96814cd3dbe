/**
 * Changes that are made together or not at all. Services and real servers change by one write of the data plane, when
 * everything else has been changed; what of that had been done is undone where something fails.
 */

import type { RouteInput, TransactionAnswer } from '../api/routes.ts';
import type { TransactionRoute } from '../api/transaction.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Director } from './director.ts';
import type { Settings } from './settings.ts';

type Handle = (input: unknown) => unknown;

export type TransactionModules = {
  readonly plane: Pick<DataPlane, 'transaction'>;
  readonly director: Pick<Director, 'timeouts' | 'setTimeouts'>;
  readonly settings: Pick<Settings, 'sysctls' | 'setSysctls' | 'markRules' | 'replaceMarkRules'>;
};

/** The schema has seen to it that the calls are those of a transaction. Throws what is no refusal of a change. */
export function runTransaction(
  { plane, ...modules }: TransactionModules,
  calls: RouteInput<'transaction'>['body'],
  handlers: Readonly<Record<TransactionRoute, unknown>>,
): TransactionAnswer {
  const undo: (() => void)[] = [];
  let current = 0;
  const carryOut = (isDue: (route: TransactionRoute) => boolean): void => {
    for (const [index, { route, params, body }] of calls.entries()) {
      const name = route as TransactionRoute;
      if (!isDue(name)) continue;
      current = index;
      undo.unshift(...undoOf(name, modules));
      (handlers[name] as Handle)({ params, body });
    }
  };
  try {
    const additions = calls.filter(({ route }) => route === 'addDestination').length;
    plane.transaction(additions, () => {
      carryOut(isOfTable);
      carryOut((route) => !isOfTable(route));
    });
    return { refused: null };
  } catch (error) {
    for (const restore of undo) restore();
    if (!(error instanceof FairleadError)) throw error;
    const { code, detail } = error;
    return { refused: { index: current, code, ...(detail !== undefined && { detail }) } };
  }
}

function isOfTable(route: TransactionRoute): boolean {
  return route.endsWith('Service') || route.endsWith('Destination');
}

/** What makes things as they are before a change of this kind; nothing where the data plane sees to that. */
function undoOf(
  route: TransactionRoute,
  { director, settings }: Omit<TransactionModules, 'plane'>,
): readonly (() => void)[] {
  switch (route) {
    case 'setTimeouts': {
      const timeouts = director.timeouts();
      return [() => director.setTimeouts(timeouts)];
    }
    case 'setSysctls': {
      const values = settings.sysctls();
      return [() => settings.setSysctls(values)];
    }
    case 'replaceMarkRules': {
      const rules = settings.markRules();
      return [() => settings.replaceMarkRules(rules)];
    }
    default:
      return [];
  }
}
