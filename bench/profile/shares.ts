/** From where a thread was met to what each place's share is. Pure. */

/** How often each of them is there. */
export function counted(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

export type Share = { readonly name: string; readonly share: number };

/**
 * Of what is not `around`, the largest first, and all below `least` as one, `others`. What is met around the programs as well
 * as in them is the machinery's that runs them.
 */
export function sharesOf(
  counts: ReadonlyMap<string, number>,
  around: ReadonlySet<string>,
  least: number,
): readonly Share[] {
  const own = [...counts].filter(([name]) => !around.has(name));
  const all = own.reduce((sum, [, count]) => sum + count, 0);
  const shares = own.map(([name, count]) => ({ name, share: count / all })).sort((a, b) => b.share - a.share);
  const rest = shares.filter(({ share }) => share < least).reduce((sum, { share }) => sum + share, 0);
  return [
    ...shares.filter(({ share }) => share >= least),
    ...(rest > 0 ? [{ name: 'others', share: rest }] : []),
  ];
}
