/**
 * Changes that are made together or not at all. Services and real servers change by one write of the data plane, when
 * everything else has been changed; what of that had been done is undone where something fails. What health makes of it
 * is part of it (health/health.ts).
 */

import type { RouteInput, TransactionAnswer } from '../api/routes.ts';
import type { TransactionRoute } from '../api/transaction.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Director } from './director.ts';
import { failuresOf } from './failures.ts';
import type { Listeners } from './listeners.ts';
import type { Settings } from './settings.ts';
import type { Vips } from './vips.ts';

type Handle = (input: unknown) => unknown;

export type TransactionModules = {
  /** The data plane's, or what stands before it. */
  readonly plane: Pick<DataPlane, 'transaction'>;
  readonly director: Pick<Director, 'timeouts' | 'setTimeouts'>;
  readonly listeners: Pick<Listeners, 'settings' | 'set'>;
  readonly vips: Pick<Vips, 'keep'>;
  readonly settings: Pick<Settings, 'sysctls' | 'setSysctls' | 'markRules' | 'replaceMarkRules'>;
};

/** The schema has seen to it that the calls are those of a transaction. Throws what is no refusal of a change. */
export function runTransaction(
  { plane, ...modules }: TransactionModules,
  calls: RouteInput<'transaction'>['body'],
  handlers: Readonly<Record<TransactionRoute, unknown>>,
): TransactionAnswer {
  const undo = new Map<string, () => void>();
  let current = 0;
  const carryOut = (isDue: (kind: Kind) => boolean): void => {
    for (const [index, { route, params, body }] of calls.entries()) {
      const name = route as TransactionRoute;
      const kind = kindOf(name);
      if (!isDue(kind)) continue;
      current = index;
      if (isSetting(kind) && !undo.has(kind)) undo.set(kind, undoOf(kind, modules));
      (handlers[name] as Handle)({ params, body });
    }
  };
  try {
    const additions = calls.filter(({ route }) => route === 'addDestination').length;
    plane.transaction(additions, () => {
      // What is looked after, and how, has to be known when services and real servers come and go.
      carryOut((kind) => kind === 'health');
      carryOut((kind) => kind === 'table');
      carryOut((kind) => kind !== 'health' && kind !== 'table');
    });
    return { refused: null };
  } catch (error) {
    restoreAll([...undo.values()].reverse());
    if (!(error instanceof FairleadError)) throw error;
    const { code, detail } = error;
    return { refused: { index: current, code, ...(detail !== undefined && { detail }) } };
  }
}

type Setting = 'timeouts' | 'sysctls' | 'marks' | 'vips' | 'api';
type Kind = 'health' | 'table' | Setting;

/** Changed at once, and to be undone by itself. */
function isSetting(kind: Kind): kind is Setting {
  return kind !== 'health' && kind !== 'table';
}

function kindOf(route: TransactionRoute): Kind {
  switch (route) {
    case 'replaceHealth':
      return 'health';
    case 'setTimeouts':
      return 'timeouts';
    case 'setSysctls':
      return 'sysctls';
    case 'replaceMarkRules':
      return 'marks';
    case 'addVip':
    case 'deleteVip':
      return 'vips';
    case 'setApi':
      return 'api';
    default:
      return 'table';
  }
}

/** What makes everything of this kind as it is now. */
function undoOf(
  kind: Setting,
  { director, settings, vips, listeners }: Omit<TransactionModules, 'plane'>,
): () => void {
  switch (kind) {
    case 'timeouts': {
      const timeouts = director.timeouts();
      return () => director.setTimeouts(timeouts);
    }
    case 'sysctls': {
      const values = settings.sysctls();
      return () => settings.setSysctls(values);
    }
    case 'marks': {
      const rules = settings.markRules();
      return () => settings.replaceMarkRules(rules);
    }
    case 'api': {
      const before = listeners.settings();
      return () => listeners.set(before);
    }
    case 'vips':
      return vips.keep();
  }
}

/** One that cannot be taken back does not keep the others from it. Throws SYSTEM_CALL, since something was changed then. */
function restoreAll(restores: readonly (() => void)[]): void {
  const failures = failuresOf(restores);
  if (failures.length > 0)
    throw new FairleadError(
      'SYSTEM_CALL',
      `what was changed could not be taken back: ${failures.join('; ')}`,
    );
}
