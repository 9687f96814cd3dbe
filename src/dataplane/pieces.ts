/** Work in pieces, done as a whole. */

export function drain(pieces: Iterable<unknown>): void {
  for (const _ of pieces);
}
