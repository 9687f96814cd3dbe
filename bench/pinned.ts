/** One CPU for a measurement: its packets must meet one and the same CPU's caches. */

import { execFileSync } from 'node:child_process';

/** Runs `action` with all threads of this process on the first CPU it may use; then they may use the others again. */
export async function pinned<T>(action: () => Promise<T>): Promise<T> {
  const self = String(process.pid);
  const said = execFileSync('taskset', ['-c', '-p', self], { encoding: 'utf8' });
  const usual = /: ([\d,-]+)$/m.exec(said)?.[1] ?? '0';
  const confine = (cpus: string): void => {
    execFileSync('taskset', ['-a', '-c', '-p', cpus, self], { stdio: 'ignore' });
  };
  confine(/^\d+/.exec(usual)?.[0] ?? '0');
  try {
    return await action();
  } finally {
    confine(usual);
  }
}
