/**
 * systemd itself as the init of a machine of a lab. It knows nothing but the targets of a boot, Debian's nftables.service
 * and what is put into /etc/systemd/system there: no service of this machine is started.
 */

import { existsSync } from 'node:fs';
import { until } from '../director/processes.ts';
import type { Machine } from './machine.ts';

const program = '/lib/systemd/systemd';
const nftables = '/lib/systemd/system/nftables.service';

/** A sentence to skip with, or `undefined`. */
export function systemdObstacle(): string | undefined {
  if (!existsSync(program)) return 'needs systemd';
  return existsSync(nftables) ? undefined : 'needs nftables.service (Debian package nftables)';
}

/** Behind what every machine has: takes over from the shell that has furnished it. */
export const bootSystemd = `
mount -t tmpfs cgroup /sys/fs/cgroup
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd 2>/dev/null || {
  umount /sys/fs/cgroup
  mount -t cgroup2 cgroup /sys/fs/cgroup
}
mkdir /run/units
mount -t tmpfs units /etc/systemd/system
for each in sysinit shutdown umount network-pre network network-online; do
  printf '[Unit]\\nDefaultDependencies=no\\n' >/run/units/$each.target
done
printf '[Unit]\\nDefaultDependencies=no\\nRequires=sysinit.target\\nAfter=sysinit.target\\n' >/run/units/basic.target
printf '[Unit]\\nRequires=basic.target\\nAfter=basic.target\\nWants=nftables.service\\nAllowIsolate=yes\\n' \\
  >/run/units/multi-user.target
cp ${nftables} /run/units/
exec env -i container=fairlead PATH="$PATH" SYSTEMD_UNIT_PATH=/run/units:/etc/systemd/system \\
  ${program} --unit=multi-user.target --log-target=console
`;

/** Waits until it has booted. */
export async function booted(machine: Machine): Promise<void> {
  await until(
    'systemd runs',
    async () => {
      const { stdout } = await machine.run('systemctl is-system-running');
      return ['running', 'degraded'].includes(stdout.trim());
    },
    30_000,
  );
}
