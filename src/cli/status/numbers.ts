/** Numbers for people, in few columns. */

/** `999`, `1.2k`, `34k`, `5.6M`, `7.8G`: powers of 1000, three figures at most. */
export function shortNumber(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  let [rest, unit] = [value, 0];
  while (Math.round(rest) >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  const digits = unit > 0 && rest < 9.95 ? 1 : 0;
  return `${rest.toFixed(digits)}${units[unit]}`;
}

/** Columns beside each other, each as wide as its widest cell; numbers to the right. */
export function columns(
  rows: readonly (readonly string[])[],
  toTheRight: ReadonlySet<number>,
): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => (toTheRight.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
