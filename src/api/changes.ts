/**
 * Changes one after the other, in the order they were asked for: one may take many turns, and whoever only looks is answered
 * meanwhile. One that is made at once where nobody is at it is made at once.
 */

export type Changes = {
  /** Makes a change as soon as all before it have been made. Throws, or rejects, as it does. */
  make<T>(change: () => T | Promise<T>): T | Promise<T>;
  /** Resolves once all that have been asked for are over, be it that they have failed. */
  settled(): Promise<void>;
};

export function createChanges(): Changes {
  /** Resolves once the last one that has been asked for is over; nothing where none is under way. */
  let last: Promise<void> | undefined;
  const follow = <T>(outcome: Promise<T>): Promise<T> => {
    const over = outcome.then(
      () => undefined,
      () => undefined,
    );
    last = over;
    void over.then(() => {
      if (last === over) last = undefined;
    });
    return outcome;
  };
  return {
    make(change) {
      if (last) return follow(last.then(change));
      const outcome = change();
      return outcome instanceof Promise ? follow(outcome) : outcome;
    },
    async settled() {
      while (last) await last;
    },
  };
}
