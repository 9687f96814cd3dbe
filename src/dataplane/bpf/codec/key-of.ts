/** The word for a number of the C side. Throws where the maps hold one that nobody knows. */
export function keyOf<K extends string>(table: Readonly<Record<K, number>>, number: number, what: string): K {
  for (const key in table) if (table[key] === number) return key;
  throw new Error(`unknown ${what} number ${number} in a BPF map`);
}
