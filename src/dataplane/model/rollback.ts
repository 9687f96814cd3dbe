/** Services and real servers as they are, to be had back: connections go on naming the same objects. */

import type { Memory } from './memory.ts';

/** Returns what makes everything as it is now. */
export function remember({ services, destinations }: Memory): () => void {
  const restoreServices = restorer(services);
  const restoreDestinations = restorer(destinations);
  return () => {
    restoreServices();
    restoreDestinations();
  };
}

function restorer<T extends object>(map: Map<string, T>): () => void {
  const kept = [...map].map(([key, value]) => ({ key, value, copy: { ...value } }));
  return () => {
    map.clear();
    for (const { key, value, copy } of kept) map.set(key, Object.assign(value, copy));
  };
}
