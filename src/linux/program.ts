/** Running a program of the system to its end. */

import { spawn } from 'node:child_process';

export type Ended = {
  /** Its exit code; 128 where a signal has ended it, 127 where there is no such program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** In a process group of its own: a ^C in our terminal does not reach it, and does not leave its work half done. */
export async function runProgram(argv: readonly string[], input = ''): Promise<Ended> {
  const [command = '', ...words] = argv;
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(input); // not everybody reads it
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 128, ...said }));
  });
}
