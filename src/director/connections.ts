/** Connections as they are asked for: `undefined` for each that is not, so that others have their turns meanwhile. */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import { connectionFilter, type FilterWords } from '../ipvs/connection-filter.ts';
import { FairleadError } from '../ipvs/errors.ts';

/** Throws BAD_REQUEST for a filter that makes no sense. */
export function wantedConnections(
  connections: () => Iterable<ConnectionStatus>,
  words: FilterWords = {},
): Iterable<ConnectionStatus | undefined> {
  const filter = connectionFilter(words);
  if ('expected' in filter) throw new FairleadError('BAD_REQUEST', `${filter.name}: ${filter.expected}`);
  return (function* () {
    for (const connection of connections()) yield filter.fits(connection) ? connection : undefined;
  })();
}

/** Their number alone, in the end. */
export function* counted(
  connections: Iterable<ConnectionStatus | undefined>,
): Generator<{ readonly connections: number } | undefined> {
  let count = 0;
  for (const connection of connections) {
    if (connection) count++;
    yield undefined;
  }
  yield { connections: count };
}
