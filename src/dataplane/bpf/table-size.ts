/**
 * How large a table of connections should be for what is in it (docs/design/0008-connection-table.md). A table that
 * is too small leaves entries outside, one that is too large spreads them over more memory than caches hold. Pure.
 */

/** Sweeps in a row that found a table far too large, before it is replaced by a smaller one. */
export const patience = 60;

/** For a table that holds so many entries at most: then it is at most five eighths full, and one in 35 lies outside. */
function mostRoom(limit: number): number {
  return limit * 1.6;
}

/**
 * Chunks that a table should have, where each has room for so many entries: as many as it has, or a power of 2 that
 * leaves two to four times the room that its entries take, but no more than its limit wants.
 */
export function wantedChunks(entries: number, chunks: number, chunkRoom: number, limit: number): number {
  const most = Math.max(Math.ceil(mostRoom(limit) / chunkRoom), 1);
  if (entries * 2 > chunks * chunkRoom)
    return Math.max(chunks, Math.min(chunksOf(entries * 2, chunkRoom), most));
  if (entries * 32 < chunks * chunkRoom) return Math.min(chunks, chunksOf(entries * 4, chunkRoom));
  return chunks;
}

function chunksOf(room: number, chunkRoom: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(room / chunkRoom, 1)));
}
