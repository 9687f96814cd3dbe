/** One host of a running lab: commands, servers and files in it. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labEnvironment } from './environment.ts';
import { LabError } from './errors.ts';
import { inNamespace } from './plan.ts';
import { isListening, namespaceOf } from './proc.ts';
import { type Background, type Outcome, type RunOptions, run, startBackground } from './process.ts';
import { hostDirectory } from './record.ts';

export type LabHost = {
  readonly name: string;
  /** The host's own directory; it goes with the lab. */
  readonly directory: string;
  /** Runs a program in the host's namespace, in its directory, to its end. */
  run(argv: readonly string[], options?: Pick<RunOptions, 'timeoutMs'>): Promise<Outcome>;
  /** Starts a server or a load; it ends with the lab at the latest. Its output goes to `<log>` in `directory`. */
  start(argv: readonly string[], log: string): Promise<Background>;
  /** Starts a server and waits, at most five seconds, until it listens on a TCP port. */
  serve(argv: readonly string[], log: string, port: number): Promise<Background>;
};

const listensWithinMs = 5_000;
const pollMs = 10;

/** A handle on host `name` of lab `id`. What it runs is ended when `signal` fires. */
export function labHost(id: string, name: string, signal: AbortSignal): LabHost {
  const directory = hostDirectory(id, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // Error messages are read by checks and by people: in English, wherever the lab runs.
  const env = { ...labEnvironment(id, name), LC_ALL: 'C' };

  const host: LabHost = {
    name,
    directory,
    run: (argv, options) => run(inNamespace(id, name, argv), { ...options, env, cwd: directory, signal }),
    start: (argv, log) =>
      startBackground(inNamespace(id, name, argv), { env, cwd: directory, log: join(directory, log) }),
    async serve(argv, log, port) {
      const server = await host.start(argv, log);
      const deadline = Date.now() + listensWithinMs;
      // Until `ip netns exec` has switched over, the process still shows the listeners of our namespace.
      const inside = () => namespaceOf(server.pid) !== namespaceOf('self');
      while (!(inside() && isListening(server.pid, port))) {
        if (Date.now() > deadline)
          throw new LabError(`${name}: ${argv.join(' ')} does not listen on port ${port}`);
        await sleep(pollMs, undefined, { signal });
      }
      return server;
    },
  };
  return host;
}
