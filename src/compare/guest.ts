/**
 * A Linux with the kernel's own IPVS, as a process: Debian's user-mode-linux. It boots in a second or two,
 * needs neither root nor virtualisation, and sees this machine's files, read only.
 */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../lab/package-root.ts';

const kernel = '/usr/bin/linux.uml';
const moduleDirectory = '/usr/lib/uml/modules';
const memoryMib = 512;

/** Which Debian package is missing, or `undefined` where the guest can run. */
export function guestObstacle(): string | undefined {
  if (process.arch !== 'x64') return `user-mode Linux runs on x86-64 only, and this is ${process.arch}`;
  const missing = Object.entries({
    'user-mode-linux': kernel,
    ipvsadm: '/sbin/ipvsadm',
    kmod: '/sbin/modprobe',
    python3: '/usr/bin/python3',
    iproute2: '/sbin/ip',
    iptables: '/usr/sbin/iptables-legacy',
  }).find(([, path]) => !existsSync(path));
  if (missing) return `${missing[1]} is missing (on Debian: apt-get install ${missing[0]})`;
  const [version] = readdirSync(moduleDirectory);
  const ipvs = join(moduleDirectory, version ?? '', 'kernel/net/netfilter/ipvs/ip_vs.ko');
  return existsSync(ipvs) ? undefined : `${ipvs} is missing: this user-mode-linux has no IPVS`;
}

/**
 * The guest's command line; `player` is the Python that it runs. It dies with us, and because a user-mode Linux that is killed leaves processes
 * behind, it lives in a PID namespace of its own: they go with that.
 */
export function guestCommand(
  jobs: string,
  workers: number,
  player = join(packageRoot, 'src/compare/player.py'),
): readonly string[] {
  const here = join(packageRoot, 'src/compare');
  return [
    ...[
      'setpriv',
      '--pdeathsig',
      'KILL',
      'unshare',
      '--pid',
      '--mount-proc',
      '--fork',
      '--kill-child',
      kernel,
    ],
    ...[`mem=${memoryMib}M`, 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'quiet'],
    ...['con=null', 'con0=null,fd:2', `uml_dir=${jobs}`],
    ...[`JOBS=${jobs}`, `PLAYER=${player}`, `WORKERS=${workers}`],
    ...['init=/bin/sh', '--', join(here, 'guest-init.sh')],
  ];
}
