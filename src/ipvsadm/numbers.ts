/** Numbers as ipvsadm reads them (strtol, base 10): blanks in front, a sign, digits, and nothing behind. */

/** `text` as a number in `min`..`max`; `undefined` for anything else. */
export function parseNumber(text: string, min: number, max: number): number | undefined {
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  // A plain `value` would keep the sign of `-0`.
  return value >= min && value <= max ? value + 0 : undefined;
}
