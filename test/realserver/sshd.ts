/** Debian's sshd on machines of a lab, with keys and a configuration of its own, and a client that knows them. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/lab/package-root.ts';
import { must, until } from '../director/processes.ts';
import type { Machine } from './machine.ts';

const program = ['/usr/sbin/sshd', join(packageRoot, '.setup/openssh-server/usr/sbin/sshd')].find(existsSync);

/** A sentence to skip with, or `undefined`. */
export function sshdObstacle(): string | undefined {
  return program === undefined ? 'needs sshd (node scripts/setup.mjs interop)' : undefined;
}

/** sshd's own, and an operator who becomes root by sudo. */
const users = `
grep -q ^sshd: /etc/passwd || echo sshd:x:999:65534::/run/sshd:/usr/sbin/nologin >>/etc/passwd
echo op:x:4711:4711::/tmp:/bin/sh >>/etc/passwd
echo 'op:*:20000:0:99999:7:::' >>/etc/shadow
mkdir -p /run/sshd /run/sudo /etc/sudoers.d
echo 'op ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/op
`;

export type Logins = {
  /** A configuration for ssh: the machines by their names, known and with a key that opens them. */
  readonly config: string;
  /** Another one: `more` stands first. */
  configWith(more: string): string;
  remove(): void;
};

/** Starts an sshd on each; `addresses` by the machines' order. */
export async function letIn(machines: readonly Machine[], addresses: readonly string[]): Promise<Logins> {
  const home = mkdtempSync(join(tmpdir(), 'fl-test-ssh-'));
  chmodSync(home, 0o755); // whoever logs in reads there which keys are theirs
  const file = (name: string): string => join(home, name);
  for (const key of ['host', 'user', 'stranger'])
    await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', file(key)]);
  writeFileSync(
    file('sshd_config'),
    [
      ...['Port 22', `HostKey ${file('host')}`, `AuthorizedKeysFile ${file('user.pub')}`, 'StrictModes no'],
      ...['UsePAM no', 'PidFile none', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', ''],
    ].join('\n'),
  );
  const hostKey = readFileSync(file('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(file('known'), addresses.map((address) => `${address} ${hostKey}\n`).join(''));
  for (const machine of machines) {
    await machine.must(users);
    const argv = machine.inside([program ?? 'sshd', '-D', '-e', '-f', file('sshd_config')]);
    await machine.host.start(argv, 'sshd.log');
    await until(`sshd on ${machine.host.name}`, async () => (await machine.must('ss -ltn')).includes(':22 '));
  }
  const hosts = machines.map(({ host }, at) => `Host ${host.name}\n  HostName ${addresses[at]}\n`);
  const common = `Host *\n  User root\n  IdentityFile ${file('user')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${file('known')}\n`;
  let configs = 0;
  const configWith = (more: string): string => {
    const path = file(`config-${++configs}`);
    writeFileSync(path, `${more}\n${hosts.join('')}${common}`);
    return path;
  };
  return { config: configWith(''), configWith, remove: () => rmSync(home, { recursive: true }) };
}
