/** ldirectord as Debian packages it, on a machine of its own: found, configured, started, told to reload, ended. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/lab/package-root.ts';
import { run } from '../../src/lab/process.ts';
import { until } from '../director/processes.ts';
import type { Machine } from './machine.ts';
import { ask, linesOf, shell, vip } from './network.ts';

const script = 'usr/sbin/ldirectord';

/** Installed, or only unpacked by scripts/setup.mjs: installing it starts its service. */
const places = [
  { root: '/', sums: '/var/lib/dpkg/info/ldirectord.md5sums' },
  ...[join(packageRoot, '.setup/ldirectord')].map((root) => ({ root, sums: join(root, 'DEBIAN/md5sums') })),
];

const place = places.find(({ root, sums }) => existsSync(join(root, script)) && existsSync(sums));

/** The path of the script. */
export const program = place && join(place.root, script);

/** Whether the script is octet for octet the one of Debian's package. */
export function isDebians(): boolean {
  if (place === undefined || program === undefined) return false;
  const sum = createHash('md5').update(readFileSync(program)).digest('hex');
  return linesOf(readFileSync(place.sums, 'utf8')).includes(`${sum}  ${script}`);
}

/** A sentence to skip with, or `undefined` when ldirectord can run here. */
export async function ldirectordObstacle(): Promise<string | undefined> {
  const cure = 'node scripts/setup.mjs interop';
  if (program === undefined) return `needs ldirectord (${cure})`;
  const { code, stderr } = await run(['perl', '-c', program]);
  return code === 0 ? undefined : `needs what ldirectord imports (${cure}): ${linesOf(stderr)[0]}`;
}

export type Settings = {
  readonly quiescent?: 'yes' | 'no';
  readonly cleanstop?: 'yes' | 'no';
  readonly autoreload?: 'yes' | 'no';
  readonly scheduler?: string;
  /** Further lines of the web service. */
  readonly web?: readonly string[];
  /** What stands after `gate` for rs2. */
  readonly second?: string;
  readonly datagrams?: boolean;
};

/** Generous time limits: the checks that fail here are refused at once, and a busy machine is slow. */
export function configuration(settings: Settings = {}): string {
  const { quiescent = 'no', cleanstop = 'yes', autoreload = 'no', scheduler = 'rr' } = settings;
  const { web = [], second = '1', datagrams = true } = settings;
  return `checktimeout=20
negotiatetimeout=20
checkinterval=1
logfile="/var/log/ldirectord.log"
quiescent=${quiescent}
readdquiescent=yes
cleanstop=${cleanstop}
autoreload=${autoreload}

virtual=${vip.web}:80
        real=192.0.2.11:80 gate 1 l:20 u:50
        real=192.0.2.12:80 gate ${second}
        fallback=127.0.0.1:80 gate
        protocol=tcp
        scheduler=${scheduler}
        service=http
        checktype=negotiate
        request="alive.html"
        receive="OK"
${web.map((line) => `        ${line}\n`).join('')}${datagrams ? datagramService : ''}`;
}

const checkCommand = '/etc/ha.d/ask';

const datagramService = `
virtual6=[${vip.datagrams}]:53
        real6=[2001:db8:1::11]:53 gate
        real6=[2001:db8:1::12]:53 gate
        fallback6=[::1]:53 gate
        protocol=udp
        scheduler=rr
        ops=yes
        checktype=external
        checkcommand="${checkCommand}"
`;

/** ldirectord calls it with the virtual service's address and port, and then the real server's. */
const askRealServer = `#!/bin/sh
${ask} "$(echo "$3" | tr -d '[]')" "$4" 4 0 1 | grep -q '^rs'
`;

export type Ldirectord = {
  /** Its process; 0 when there is none. */
  pid(): number;
  configure(text: string): void;
  /** Its configuration, as it is in the file. */
  configured(): string;
  /** `ldirectord CONFIGURATION COMMAND`; answers what it said. */
  command(word: 'start' | 'reload' | 'status' | 'stop'): Promise<string>;
  /** All that it has written into its log. */
  log(): string;
  /** Does something, and waits until the log says this of it. */
  after(act: () => Promise<unknown>, says: RegExp): Promise<void>;
  /** Waits until the process is gone. */
  gone(): Promise<void>;
};

const file = '/etc/ha.d/lvs.cf';
const pidFile = '/var/run/ldirectord.lvs.cf.pid';
const logFile = '/var/log/ldirectord.log';

/** For a busy machine, on which it calls ipvsadm some thirty times. */
const limitMs = 60_000;

/** ldirectord, not yet started, with its check command in place. */
export async function ldirectordOn(machine: Machine): Promise<Ldirectord> {
  const read = (path: string) =>
    existsSync(machine.path(path)) ? readFileSync(machine.path(path), 'utf8') : '';
  await shell(machine, `mkdir -p ${dirname(checkCommand)}; : > ${logFile}; rm -f ${pidFile}`);
  writeFileSync(machine.path(checkCommand), askRealServer, { mode: 0o755 });
  const pid = (): number => Number(read(pidFile));
  return {
    pid,
    configure: (text) => writeFileSync(machine.path(file), text),
    configured: () => read(file),
    async command(word) {
      const { stdout, stderr } = await machine.run(['/usr/sbin/ldirectord', file, word], {
        timeoutMs: limitMs,
      });
      return stdout + stderr;
    },
    log: () => read(logFile),
    async after(act, says) {
      const before = read(logFile).length;
      await act();
      await until(`ldirectord logs ${says}`, () => says.test(read(logFile).slice(before)), limitMs);
    },
    gone: async () => {
      await until('ldirectord is gone', () => pid() === 0, limitMs);
    },
  };
}
