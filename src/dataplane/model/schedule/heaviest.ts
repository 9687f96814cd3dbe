import type { Destination } from '../memory.ts';

/** The first of those that weigh most. */
export function heaviestOf(destinations: readonly Destination[]): Destination | undefined {
  return destinations.reduce<Destination | undefined>(
    (best, destination) => (best && best.config.weight >= destination.config.weight ? best : destination),
    undefined,
  );
}
