/**
 * Changes that are made together or not at all. Services and real servers change by one write of the data plane, when
 * everything else has been changed; what of that had been done is undone where something fails. What health makes of it
 * is part of it (health/health.ts).
 */

import type { RouteInput, TransactionAnswer } from '../api/routes.ts';
import type { TransactionRoute } from '../api/transaction.ts';
import { inTurns, type Turns } from '../api/turns.ts';
import type { DataPlane } from '../dataplane/dataplane.ts';
import { drain } from '../dataplane/pieces.ts';
import { FairleadError } from '../ipvs/errors.ts';
import type { Director } from './director.ts';
import { failuresOf } from './failures.ts';
import type { Listeners } from './listeners.ts';
import type { Settings } from './settings.ts';
import type { Vips } from './vips.ts';

type Handle = (input: unknown) => unknown;

export type TransactionModules = {
  /** The data plane's, or what stands before it. */
  readonly plane: Pick<DataPlane, 'transactionByPieces'>;
  readonly turns: Turns;
  readonly director: Pick<Director, 'timeouts' | 'setTimeouts'>;
  readonly listeners: Pick<Listeners, 'keep'>;
  readonly vips: Pick<Vips, 'keep'>;
  readonly settings: Pick<Settings, 'sysctls' | 'setSysctls' | 'markRules' | 'replaceMarkRules'>;
};

/**
 * The schema has seen to it that the calls are those of a transaction. Others have their turns meanwhile, and see nothing of it
 * until it takes effect; they may look, but change nothing (api/changes.ts). Rejects with what is no refusal of a change.
 */
export async function runTransaction(
  { plane, turns, ...modules }: TransactionModules,
  calls: RouteInput<'transaction'>['body'],
  handlers: Readonly<Record<TransactionRoute, unknown>>,
): Promise<TransactionAnswer> {
  const undo = new Map<string, () => void>();
  /** The change that is being made, by its place; none, once all have been, or before. */
  let current: number | undefined;
  const carryOut = function* (isDue: (kind: Kind) => boolean): Generator<void> {
    for (const [index, { route, params, body }] of calls.entries()) {
      const name = route as TransactionRoute;
      const kind = kindOf(name);
      if (!isDue(kind)) continue;
      current = index;
      if (isSetting(kind) && !undo.has(kind)) undo.set(kind, undoOf(kind, modules));
      (handlers[name] as Handle)({ params, body });
      current = undefined;
      yield;
    }
  };
  try {
    const additions = calls.filter(({ route }) => route === 'addDestination').length;
    const pieces = plane.transactionByPieces(additions, function* () {
      // What is looked after, and how, has to be known when services and real servers come and go.
      yield* carryOut((kind) => kind === 'health');
      yield* carryOut((kind) => kind === 'table');
      // These are changed at once, and shown: as late as can be, and with nobody's turn between them.
      drain(carryOut(isSetting));
    });
    await inTurns(pieces, turns);
    return { refused: null };
  } catch (error) {
    restoreAll([...undo.values()].reverse());
    if (!(error instanceof FairleadError)) throw error;
    const { code, detail } = error;
    return {
      refused: {
        ...(current !== undefined && { index: current }),
        ...{ code, ...(detail !== undefined && { detail }) },
      },
    };
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
  { director, settings, vips, listeners }: Omit<TransactionModules, 'plane' | 'turns'>,
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
    case 'api':
      return listeners.keep();
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
