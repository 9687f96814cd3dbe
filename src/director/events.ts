/**
 * What has happened lately, numbered, for whoever wants to follow it. It is kept in memory alone: a daemon that is
 * started again has forgotten what was, and goes on with higher numbers.
 */

import type { DirectorEvent, EventBody } from '../api/events.ts';

export type Events = ReturnType<typeof createEvents>;

type Listener = (event: DirectorEvent) => void;

/** `now`: milliseconds since 1970. The last `capacity` events are kept. */
export function createEvents(now: () => number, capacity = 1000) {
  const kept: DirectorEvent[] = [];
  const listeners = new Set<Listener>();
  // A later daemon begins above whatever this one reaches, unless it has a thousand events a second.
  let last = now();

  return {
    emit(body: EventBody): void {
      const event = { ...body, id: ++last, at: new Date(now()).toISOString() };
      kept.push(event);
      if (kept.length > capacity) kept.shift();
      for (const listener of listeners) listener(event);
    },

    /** Those that came after the one with this number; all that are kept where there is none. The oldest first. */
    since: (id = 0): readonly DirectorEvent[] => kept.filter((event) => event.id > id),

    /** The number that the next one will have. */
    next: (): number => last + 1,

    /** Calls `listener` with each event from now on. It must not throw. Answers what ends it. */
    subscribe(listener: Listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
