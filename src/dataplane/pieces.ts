/** Work in pieces, done as a whole. Answers what comes of it. */

export function drain<T>(pieces: Iterable<unknown, T>): T {
  const steps = pieces[Symbol.iterator]();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same pieces, all of one kind. */
export function* ofKind<K, T>(kind: K, pieces: Iterable<unknown, T>): Generator<K, T> {
  const steps = pieces[Symbol.iterator]();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield kind;
  }
}
