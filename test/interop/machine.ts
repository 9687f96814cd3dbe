/**
 * The director as a Debian machine whose /usr/sbin/ipvsadm is Fairlead's.
 *
 * A mount namespace of its own with this machine's files, in which /etc, /usr/sbin and /var are overlaid: what
 * Debian's programs find there is Debian's, what they write there nobody else sees, and it goes with the lab.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../src/lab/host.ts';
import { binDirectory } from '../../src/lab/package-root.ts';
import type { Outcome, RunOptions } from '../../src/lab/process.ts';
import { until } from '../director/processes.ts';

export type Machine = {
  /** Runs a program there to its end. */
  run(argv: readonly string[], options?: Pick<RunOptions, 'timeoutMs'>): Promise<Outcome>;
  /** A file of that machine as this process reaches it: `/etc/hosts` is not ours. */
  path(file: string): string;
};

/**
 * /var/run is a link to /run, which stays as it is: Fairlead's daemon listens there. In the overlay it is a
 * directory, so that pid files do not get in the way of a program of this machine.
 */
const furnish = `
set -e
mount -t tmpfs fairlead /mnt
for place in etc usr/sbin var; do
  mkdir -p /mnt/$place/upper /mnt/$place/work
done
mkdir /mnt/var/upper/run
for place in etc usr/sbin var; do
  mount -t overlay -o lowerdir=/$place,upperdir=/mnt/$place/upper,workdir=/mnt/$place/work overlay /$place
done
ln -sf "$1" /usr/sbin/ipvsadm
test -z "$2" || cp -p "$2" /usr/sbin/
echo furnished
exec sleep infinity
`;

/**
 * Makes a machine of a host of a lab; it is there until the lab is closed. Rejects when this machine does not
 * mount overlays. `program` is one that Debian has in /usr/sbin, to be copied there.
 */
export async function debianMachine(host: LabHost, program = ''): Promise<Machine> {
  const log = 'machine.log';
  const ipvsadm = join(binDirectory, 'ipvsadm');
  const anchor = await host.start(['unshare', '--mount', 'sh', '-c', furnish, 'sh', ipvsadm, program], log);
  const said = () => readFileSync(join(host.directory, log), 'utf8');
  await until('a mount namespace for the director', () => {
    if (!existsSync(`/proc/${anchor.pid}/ns/mnt`)) throw new Error(`no machine for the director: ${said()}`);
    return said().includes('furnished');
  });
  return {
    run: (argv, options) => host.run(['nsenter', `--mount=/proc/${anchor.pid}/ns/mnt`, ...argv], options),
    path: (file) => `/proc/${anchor.pid}/root${file}`,
  };
}
