/** What is wrong with a configuration, and where: a way through the file's values, which yaml.ts finds in the text. */

/** Keys and indexes from the top. */
export type Path = readonly (string | number)[];

export type Problem = {
  readonly path: Path;
  /** It is the last key of the path that is wrong, not what stands behind it. */
  readonly atKey?: true;
  /** Another place that it is about: its line is said behind the message. */
  readonly other?: Path;
  /** What is wrong and what would be right, in a sentence without a full stop. */
  readonly message: string;
};

/** A problem in its place. Lines and columns count from 1. */
export type PlacedProblem = { readonly line: number; readonly column: number; readonly message: string };

/** Takes problems as they are found. */
export type Report = (problem: Problem) => void;

/** `fairlead.yaml:12:5: unknown key …`, as compilers say it, so that editors find the place. */
export function problemLine(file: string, { line, column, message }: PlacedProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** A line for each, the first `most` of them. */
export function problemLines(
  file: string,
  problems: readonly PlacedProblem[],
  most: number,
): readonly string[] {
  const lines = problems.slice(0, most).map((problem) => problemLine(file, problem));
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

/** A text or a number as it stands in a message. */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return `\`${value.length > 60 ? `${value.slice(0, 57)}...` : value}\``;
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `\`${String(value)}\``;
}
