/** `ipvsadm`, the process: its user, its streams, its director. bin/ipvsadm calls it. */

import type { Client } from '../api/client.ts';
import { FairleadError } from '../ipvs/errors.ts';
import { type Ending, endingOf } from './exit-codes.ts';
import { createNames, type Names, systemSources } from './names.ts';
import { asksForText, parse } from './parse.ts';
import { restore } from './restore.ts';
import { run } from './run.ts';

export type MainModules = {
  readonly connect: () => Promise<Client>;
  readonly names: Names;
  readonly isRoot: () => boolean;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
};

/**
 * Runs one command line, without the program's name, and answers its exit code. All output is written by then. What is
 * not given is this process's own.
 */
export async function main(argv: readonly string[], given: Partial<MainModules> = {}): Promise<number> {
  const modules = { ...systemModules(), ...given };
  const write = writerTo(modules.stdout);
  const complain = writerTo(modules.stderr);
  const { stderr, code } = await act(argv, modules, { write, complain }).catch((error: unknown) =>
    endingOf(error),
  );
  if (stderr !== '') await complain(stderr);
  return code;
}

/** The real tool looks at its privileges before its words; only help and version are here for everybody. */
async function act(
  argv: readonly string[],
  { connect, names, isRoot, stdin }: MainModules,
  { write, complain }: Record<'write' | 'complain', (text: string) => Promise<boolean>>,
): Promise<Ending> {
  if (!isRoot() && !asksForText(argv)) return endingOf(new FairleadError('NOT_ROOT'));
  const command = await parse(argv, names);
  if (command.kind === 'error') return { stderr: `${command.message}\n`, code: command.code };
  const modules = { connect, names, write };
  if (command.kind !== 'restore') return await run(command, modules);
  return await restore({ ...modules, complain, connect: once(connect), input: stdin });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Writes and waits. A reader that has gone, as in `ipvsadm -Ln | head -1`, is no error. */
function writerTo(stream: NodeJS.WritableStream): (text: string) => Promise<boolean> {
  // The stream also emits the error its callback gets; without a listener that would end the process.
  stream.on('error', () => {});
  return (text) =>
    new Promise((resolve, reject) => {
      stream.write(text, (error) => {
        if (!error) resolve(true);
        else if ((error as NodeJS.ErrnoException).code === 'EPIPE') resolve(false);
        else reject(error);
      });
    });
}

function systemModules(): MainModules {
  return {
    connect: async () => {
      const { connectDirector } = await import('../api/connect.ts');
      return await connectDirector();
    },
    names: createNames(systemSources),
    isRoot: () => process.geteuid?.() === 0,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  };
}
