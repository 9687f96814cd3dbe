/** How often somebody may do something: a bucket of turns for each, filled by time. Pure; memory is bounded. */

export type RateLimit = {
  /** Seconds until there are so many turns again; 0 where there were, which are taken then. */
  take(who: string, turns?: number): number;
};

/** More are not remembered: whoever was not heard of for longest is forgotten. */
const mostRemembered = 4096;

/** `perSecond` turns, and twice as many at once. `now` in milliseconds. */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  const buckets = new Map<string, { readonly turns: number; readonly at: number }>();
  const room = perSecond * 2;
  return {
    take(who, wanted = 1) {
      const at = now();
      const before = buckets.get(who);
      const turns = before ? Math.min(room, before.turns + ((at - before.at) * perSecond) / 1000) : room;
      const isEnough = turns >= Math.min(wanted, room);
      buckets.delete(who);
      buckets.set(who, { turns: isEnough ? Math.max(0, turns - wanted) : turns, at });
      const [oldest] = buckets.keys();
      if (buckets.size > mostRemembered && oldest !== undefined) buckets.delete(oldest);
      return isEnough ? 0 : (Math.min(wanted, room) - turns) / perSecond;
    },
  };
}
