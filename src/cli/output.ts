/** What becomes of a command whose output cannot be written. */

/**
 * A reader that has gone, as in `fairlead status | head -1`, is no error: the command does what is left to do, and ends as it
 * would have. Anything else, such as a full disk, is said once, and the exit code is 1 whatever the command came to.
 */
export function mindOutput(): void {
  for (const [stream, listener] of [
    [process.stdout, unwritten],
    [process.stderr, unheard],
  ] as const)
    if (!stream.listeners('error').includes(listener)) stream.on('error', listener);
}

let isSaid = false;

function unwritten({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || isSaid) return;
  isSaid = true;
  process.stderr.write(`fairlead: standard output cannot be written: ${message}\n`);
  process.once('exit', () => {
    process.exitCode = 1;
  });
}

/** There is nobody left to tell. */
function unheard(): void {}
