/**
 * Services, real servers and mark rules, mirrored from the maps.
 *
 * The maps are the truth and this is their only writer. Each change takes effect by one write (transaction.ts), so
 * that a packet, or a daemon that comes after one that was killed, meets the old configuration or the new one.
 *
 * A removed real server goes to the trash with its slot, as in IPVS: its connections still name it, and adding the
 * same one again brings it back with its connection counts.
 */

import {
  type Destination,
  type DestinationKey,
  type Service,
  type ServiceKey,
  serviceKeyText,
} from '../../../ipvs/service.ts';
import { drain } from '../../pieces.ts';
import type { flMarkRule } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { type Trashed, trashedOf } from '../service-counts.ts';
import { adopt } from './adopt.ts';
import { type Batch, createBatch } from './batch.ts';
import { retire, zero } from './counters.ts';
import { type Change, type DestinationEntry, type Holding, listedIn, type ServiceEntry } from './entries.ts';
import { nextGeneration } from './generation.ts';
import { readMarkRules, writeMarkRules } from './mark-rules.ts';
import { release } from './places.ts';
import {
  destinationAddition,
  destinationEdit,
  destinationRemoval,
  type Moment,
  serviceAddition,
  serviceEdit,
  serviceRemoval,
} from './plans.ts';
import { copyOf, remember, rememberHints, type State, stateOf } from './state.ts';
import { carryOut, type Kernel } from './transaction.ts';

type MarkRuleValue = Decoded<typeof flMarkRule>;

export type TableModules = Kernel & {
  /** Nothing was ever in the maps, so that they need not be read. */
  readonly isNew?: boolean;
};

export type Table = ReturnType<typeof createTable>;

type Plan = (moment: Moment) => Change;

/** IPVS keeps a deleted real server's object for at least this long. */
const trashNanoseconds = 120_000_000_000n;

/** Adopts what the maps hold. */
export function createTable({ isNew = false, ...kernel }: TableModules) {
  const { maps, now } = kernel;
  let emptied = 0;
  let mirror: State | undefined = isNew ? stateOf({ services: [], destinations: [] }) : adopt(kernel);

  const state = (): State => {
    if (!mirror) {
      mirror = adopt(kernel);
      emptied++; // it may have found that slots were given back
    }
    return mirror;
  };
  /** What becomes of a change: it is made at once, may wait for others, or must not be made without them. */
  let mode: 'single' | 'batch' | 'transaction' = 'single';
  /** Changes that wait; and why they could not be written, for those of the same batch that come behind them. */
  let pending: Batch | undefined;
  let failure: { readonly error: unknown } | undefined;
  /** Whether a transaction is under way that others have turns in. */
  let isOpen = false;
  /** Whether it has written anything. */
  let hasWritten = false;
  /** `committed` is called when the changes have taken effect. */
  const write = function* (known: State, batch: Batch, committed = () => {}): Generator<void> {
    const planned = batch.change();
    if (!planned) return;
    hasWritten = true;
    const { generation } = maps.settings.get(0);
    yield* carryOut(kernel, known, planned, nextGeneration(generation), committed);
    rememberHints(known, planned);
    release(known, planned);
  };
  const commit = (): void => {
    if (failure) throw failure.error;
    const batch = pending;
    pending = undefined;
    try {
      if (batch) withMirror((known) => drain(write(known, batch)));
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  /** If the action breaks off, what the maps hold is read anew. */
  const withMirror = (action: (known: State) => void): void => {
    const known = state();
    mirror = undefined;
    action(known);
    mirror = known;
  };
  const withState = (action: (known: State) => void): void => {
    if (isOpen && mode === 'single') throw new Error('another change is being made');
    if (mode !== 'transaction') commit();
    hasWritten = true;
    withMirror(action);
  };

  /** A change that waits for the others, where there are any. */
  const join = (plan: Plan): void => {
    if (mode === 'single') {
      if (isOpen) throw new Error('another change is being made');
      together('batch', () => join(plan));
      return;
    }
    if (failure) throw failure.error;
    const begin = (): Batch =>
      createBatch(state(), {
        ...{ maps, now: now() },
        generation: nextGeneration(maps.settings.get(0).generation),
      });
    pending ??= begin();
    try {
      pending.add(plan);
    } catch (error) {
      if (mode === 'batch') commit();
      mirror = undefined; // the plan may have taken places that nobody will give back
      throw error;
    }
  };
  /** Writes what the action leaves waiting; nothing of it where it throws. */
  const together = (how: 'batch' | 'transaction', action: () => void): void => {
    mode = how;
    try {
      action();
      commit();
    } catch (error) {
      pending = undefined;
      mirror = undefined;
      throw error;
    } finally {
      mode = 'single';
      failure = undefined;
    }
  };

  /**
   * The same in pieces. It is made on a copy, which nobody sees between two of them until it has taken effect; where nothing
   * has been written, nothing is left of it then.
   */
  const byPieces = function* (action: () => Iterable<void>, committed: () => void): Generator<void> {
    let own: { mirror: State | undefined; mode: typeof mode; pending: Batch | undefined } = {
      ...{ mirror: copyOf(state()), mode: 'transaction', pending: undefined },
    };
    const swap = (): void => {
      const others = { mirror, mode, pending };
      ({ mirror, mode, pending } = own);
      own = others;
    };
    let isIn = false;
    let isDone = false;
    const steps = function* (): Generator<void> {
      yield* action();
      const [known, batch] = [state(), pending];
      pending = undefined;
      let isShown = false;
      const show = (): void => {
        own.mirror = known;
        if (!isShown) committed();
        isShown = true;
      };
      if (batch) yield* write(known, batch, show);
      show();
      isDone = true;
    };
    isOpen = true;
    hasWritten = false;
    try {
      swap();
      isIn = true;
      for (const _ of steps()) {
        swap();
        isIn = false;
        yield;
        swap();
        isIn = true;
      }
    } finally {
      if (isIn) swap();
      if (!isDone && hasWritten) mirror = undefined;
      isOpen = false;
    }
  };

  /** Frees trash that no connection and no template refers to; `all` frees it before its time. */
  const purge = (all: boolean): void =>
    withState((known) => {
      const oldest = now() - trashNanoseconds;
      const due = [...known.trash.all()].filter(({ slot, deletedAt }) => {
        if (!all && deletedAt > oldest) return false;
        const { active, inactive, persistent } = maps.destinationLoad.get(slot);
        return active + inactive + persistent === 0;
      });
      if (due.length === 0) return;
      emptied++;
      remember(known, retire(maps, known, due));
    });

  /** A real server in its service's list. */
  const destination = (service: ServiceKey, key: DestinationKey): DestinationEntry | undefined => {
    if (pending) return pending.find(service, key);
    return listedIn(state().services.get(serviceKeyText(service)), key);
  };

  return {
    services(): IterableIterator<ServiceEntry> {
      pending?.finish();
      return state().services.values();
    },
    service(key: ServiceKey): ServiceEntry | undefined {
      pending?.finish(key);
      return state().services.get(serviceKeyText(key));
    },
    hasService: (key: ServiceKey): boolean => state().services.has(serviceKeyText(key)),
    destination,
    /** Where a real server is, deleted or not. */
    slotOf: (service: ServiceKey, key: DestinationKey): number | undefined =>
      (destination(service, key) ?? state().trash.find(service, key))?.slot,
    /** The real server in a slot, deleted ones included. */
    destinationAt: (slot: number): Holding | undefined => state().bySlot.get(slot),
    /** Every real server, deleted ones included. */
    holdings: (): IterableIterator<Holding> => state().bySlot.values(),
    /** Real servers in the trash, those of one service where it is named, by the service that they may come back to. */
    trashed(key?: ServiceKey): Trashed {
      const { trash } = state();
      return trashedOf(key ? trash.ofService(key) : trash.all());
    },
    /** Another number whenever slots have been given back: what is counted in them may be somebody else's from then on. */
    emptied: (): number => emptied,
    /** Every slot in use, those in the trash included. */
    slots: (): IterableIterator<number> => state().bySlot.keys(),
    /** Not while a transaction is under way: there is no hurry. */
    purge: (): void => {
      if (!isOpen) purge(false);
    },

    /**
     * What the action changes takes effect at its end, all at once; what it did before a service that it had removed
     * came again, ahead of that.
     */
    batch: (action: () => void): void => together('batch', action),

    /** What the action adds, edits and removes takes effect at its end, all at once, or not at all where it throws. */
    transaction(additions: number, action: () => void): void {
      if (!state().destinationSlots.hasRoom(additions)) purge(true);
      together('transaction', action);
    },

    /** The same by pieces (dataplane.ts). */
    *transactionByPieces(
      additions: number,
      action: () => Iterable<void>,
      committed = () => {},
    ): Generator<void> {
      if (!state().destinationSlots.hasRoom(additions)) purge(true);
      yield* byPieces(action, committed);
    },

    addService(service: Service): void {
      if (mode === 'batch' && pending?.removes(service)) commit();
      join((moment) => serviceAddition(moment, service));
    },
    editService: (service: Service): void => join((moment) => serviceEdit(moment, service)),
    removeService: (key: ServiceKey): void => join((moment) => serviceRemoval(moment, [key])),
    removeAllServices: (): void =>
      join((moment) => serviceRemoval(moment, [...moment.state.services.values()])),

    addDestination(key: ServiceKey, destination: Destination): void {
      const { destinationSlots, trash } = state();
      const isFull = mode !== 'transaction' && !destinationSlots.hasRoom();
      if (isFull && !trash.find(key, destination)) purge(true);
      join((moment) => destinationAddition(moment, key, destination));
    },
    editDestination: (key: ServiceKey, destination: Destination): void =>
      join((moment) => destinationEdit(moment, key, destination)),
    removeDestination: (key: ServiceKey, destination: DestinationKey): void =>
      join((moment) => destinationRemoval(moment, key, destination)),

    /** Counters are not configuration: they start anew one after the other. */
    zero: (key: ServiceKey): void => withState((known) => zero(maps, known, key)),

    markRules: (): readonly MarkRuleValue[] => {
      state();
      return readMarkRules(maps);
    },
    setMarkRules: (rules: readonly MarkRuleValue[]): void => withState(() => writeMarkRules(maps, rules)),
  };
}
