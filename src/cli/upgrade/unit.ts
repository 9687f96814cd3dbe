/** The unit of systemd that a daemon belongs to, and having systemd restart it. */

import { readFileSync } from 'node:fs';
import { FairleadError } from '../../ipvs/errors.ts';
import { runProgram } from '../../linux/program.ts';

/** Resolves when the unit's new daemon is ready. Throws DIRECTOR_UNREACHABLE where it did not come up. */
export async function restartUnit(pid: number): Promise<void> {
  const unit = unitIn(readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
  if (unit === undefined)
    throw new FairleadError(
      'DIRECTOR_UNREACHABLE',
      `process ${pid} is in no unit of systemd; restart it as it was started`,
    );
  const { code, stderr } = await runProgram(['systemctl', 'restart', unit]);
  if (code !== 0)
    throw new FairleadError('DIRECTOR_UNREACHABLE', `systemctl restart ${unit}: ${stderr.trim()}`);
}

/** The innermost service in a text like /proc/PID/cgroup's (cgroups(7)), whichever hierarchy names it. */
export function unitIn(cgroups: string): string | undefined {
  const paths = cgroups.split('\n').flatMap((line) => /^\d+:(?:name=systemd)?:(.*)/.exec(line)?.[1] ?? []);
  const services = paths.map((path) => path.split('/').findLast((part) => part.endsWith('.service')));
  return services.find((service) => service !== undefined);
}
