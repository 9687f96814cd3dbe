/**
 * A host of a lab as a machine of its own: it boots, so to say. Its /etc and /var are overlays on this machine's, its
 * /run is empty, and its init is in its network namespace. What is written there nobody else sees.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from '../../src/lab/host.ts';
import { binDirectory } from '../../src/lab/package-root.ts';
import type { Outcome } from '../../src/lab/process.ts';
import { until } from '../director/processes.ts';

/** What a machine is made on. */
export type MachineHost = Pick<LabHost, 'name' | 'directory' | 'run' | 'start'>;

export type Machine = {
  readonly host: MachineHost;
  /** Runs a line of shell there. */
  run(line: string): Promise<Outcome>;
  /** A line that must succeed; answers what it printed. */
  must(line: string): Promise<string>;
  /** `fairlead realserver` with these words. */
  realserver(words: string): Promise<Outcome>;
  /** Addresses, settings, rules, filters and files, as text. */
  snapshot(): Promise<string>;
  /** Puts a program before the words: it runs in the machine. */
  inside(argv: readonly string[]): readonly string[];
};

const furnish = `
set -e
mount -t tmpfs fairlead /mnt
for place in etc var usr/local; do
  mkdir -p /mnt/$place/upper /mnt/$place/work
  mount -t overlay -o lowerdir=/$place,upperdir=/mnt/$place/upper,workdir=/mnt/$place/work overlay /$place
done
mount -t tmpfs run /run
echo furnished
`;

const look = `
ip -d address
grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v stable_secret
nft list ruleset
arptables-save | grep -v ^#
tc qdisc show
for each in $(ls /sys/class/net); do tc filter show dev $each ingress; tc filter show dev $each egress; done
find /mnt/etc/upper /mnt/var/upper /run -not -type d | grep -vE '/log/|/run/sudo/' | sort
find /mnt/etc/upper /mnt/var/upper /run -type f | grep -vE '/log/|/run/sudo/' | sort | xargs -r sha256sum
ls /run
`;

/** It is there until the lab is closed. `init` is what its first process goes on as. */
export async function machineOn(host: MachineHost, init = 'exec sleep infinity'): Promise<Machine> {
  const log = 'machine.log';
  const isolate = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const anchor = await host.start([...isolate, 'sh', '-c', `${furnish}${init}`], log);
  const said = (): string => readFileSync(join(host.directory, log), 'utf8');
  const first = await until(`a machine for ${host.name}`, () => {
    if (!existsSync(`/proc/${anchor.pid}`)) throw new Error(`no machine for ${host.name}: ${said()}`);
    return said().includes('furnished') && childOf(anchor.pid);
  });
  const inside = (argv: readonly string[]): readonly string[] => [
    ...['nsenter', `--mount=/proc/${first}/ns/mnt`, `--pid=/proc/${first}/ns/pid`, '--', ...argv],
  ];
  const run = (line: string): Promise<Outcome> => host.run(inside(['sh', '-c', line]), { timeoutMs: 30_000 });
  const machine: Machine = {
    ...{ host, inside, run },
    async must(line) {
      const { code, stdout, stderr } = await run(line);
      if (code !== 0) throw new Error(`${host.name}: ${line}: ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    realserver: (words) => run(`${binDirectory}/fairlead realserver ${words}`),
    snapshot: async () => (await run(look)).stdout,
  };
  return machine;
}

/** The only child of a process, by the number that we know it by. */
function childOf(pid: number): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
}
