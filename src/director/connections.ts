/** Connections as they are asked for, some hundred at a time, so that others have their turns meanwhile. */

import type { ConnectionStatus } from '../ipvs/connection.ts';
import { connectionFilter, type FilterWords } from '../ipvs/connection-filter.ts';
import { FairleadError } from '../ipvs/errors.ts';

/** So many are looked at before others may have a turn: some tenths of a millisecond. */
const portion = 256;

/** Those that are wanted, of which there may be none among many. Throws BAD_REQUEST for a filter that makes no sense. */
export function wantedConnections(
  connections: () => Iterable<ConnectionStatus>,
  words: FilterWords = {},
): Iterable<readonly ConnectionStatus[]> {
  const filter = connectionFilter(words);
  if ('expected' in filter) throw new FairleadError('BAD_REQUEST', `${filter.name}: ${filter.expected}`);
  return (function* () {
    let [looked, wanted] = [0, [] as ConnectionStatus[]];
    for (const connection of connections()) {
      if (filter.fits(connection)) wanted.push(connection);
      if (++looked % portion !== 0) continue;
      yield wanted;
      wanted = [];
    }
    yield wanted;
  })();
}

/** Their number alone, in the end. */
export function* counted(
  connections: Iterable<readonly ConnectionStatus[]>,
): Generator<readonly { readonly connections: number }[]> {
  let count = 0;
  for (const some of connections) {
    count += some.length;
    yield [];
  }
  yield [{ connections: count }];
}
