/** Long work by turns: whoever else wants something of this one thread waits for some milliseconds at most. */

import { setImmediate as nextTurn } from 'node:timers/promises';

export type Turns = {
  /** Whether this turn has lasted long enough. */
  isOver(): boolean;
  /** Lets everybody else have a turn. */
  next(): Promise<void>;
};

export function takeTurns(now: () => number, milliseconds = 4): Turns {
  let began = now();
  return {
    isOver: () => now() - began >= milliseconds,
    async next() {
      await nextTurn();
      began = now();
    },
  };
}

/** The values, with a pause whenever a turn is over. */
export async function* byTurns<T>(values: Iterable<T>, turns: Turns): AsyncGenerator<T> {
  for (const value of values) {
    if (turns.isOver()) await turns.next();
    yield value;
  }
}

/** All pieces of some work, with a pause whenever a turn is over. Resolves with what comes of it. */
export async function inTurns<T>(pieces: Generator<unknown, T>, turns: Turns): Promise<T> {
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
    if (turns.isOver()) await turns.next();
  }
}
