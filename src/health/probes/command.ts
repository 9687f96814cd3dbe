/** A program of the administrator's ends with 0; or with its opinion on the weight (keepalived's misc_dynamic). */

import { type ChildProcess, spawn } from 'node:child_process';
import { runProgram } from '../../linux/program.ts';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { Probe } from '../check.ts';
import { excerpt } from '../read.ts';
import { filledIn } from '../words.ts';

/** Characters of its output that are kept to be told. */
const outputLimit = 200;

type Identity = { readonly uid?: number; readonly gid?: number };

export async function probeCommand(
  { run, user, weighs }: Extract<Probe, { kind: 'command' }>,
  attempt: Attempt,
): Promise<Success> {
  const [program = '', ...words] = run.map((word) => filledIn(word, attempt.target));
  const identity = user === undefined ? {} : await identityOf(user);
  attempt.awaits(`the end of ${program}`);
  const { code, signal, output } = await ended(program, words, identity, attempt);
  const said = output === '' ? '' : `: ${excerpt(output)}`;
  if (code === null) throw new ProbeFailure('command', `${program} was ended by ${signal}${said}`);
  if (code === 0) return {};
  if (weighs && code >= 2) return { weight: code - 2 };
  throw new ProbeFailure('status', `${program} ended with ${code}${said}`);
}

type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
};

/** In a process group of its own, which is killed when it has ended or its time is over: each round starts another. */
function ended(
  program: string,
  words: readonly string[],
  identity: Identity,
  attempt: Attempt,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const child = spawn(program, words, { cwd: '/', detached: true, stdio, ...identity });
    attempt.atEnd(() => killGroup(child));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text.slice(0, outputLimit - output.length);
      });
    child.once('error', ({ message }) => reject(new ProbeFailure('command', message)));
    // Not `close`: what it leaves behind in the background may hold its output open.
    child.once('exit', (code, signal) =>
      setImmediate(() => resolve({ code, signal, output: output.trim() })),
    );
  });
}

function killGroup({ pid, stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody of it is left
  }
}

/** Users may come from elsewhere than /etc/passwd: getent(1) knows. */
async function identityOf(user: string): Promise<Identity> {
  const { code, stdout } = await runProgram(['getent', 'passwd', user]);
  const [, , uid, gid] = stdout.split(':');
  if (code !== 0 || uid === undefined || gid === undefined)
    throw new ProbeFailure('command', `there is no user ${user}`);
  return { uid: Number(uid), gid: Number(gid) };
}
