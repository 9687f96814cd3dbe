/** What the lab says when it cannot go on. */

/**
 * A refusal of the lab: one line that says what is wrong and how to mend it.
 *
 * `exitCode` is what the command ends with: 1 when something failed, 2 when the lab cannot work here at all
 * (not root, a tool is missing) or was called wrongly.
 */
export class LabError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.exitCode = exitCode;
  }
}

/** The errno name of a failed system call (`ENOENT`), or `undefined` for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
