/** A shell on another machine, by the system's own OpenSSH client: its configuration, keys and known hosts are used. */

import { runProgram } from '../../linux/program.ts';
import type { Shell } from '../join/shell.ts';

export type SshOptions = {
  /** Instead of ~/.ssh/config. */
  readonly config?: string;
  /** Who logs in is not root, and becomes it by sudo without a password. */
  readonly sudo: boolean;
};

/** ssh ends with this where it is ssh itself that has failed. */
const sshFailed = 255;

/** Nothing is asked for: what would take a password or a yes fails. */
const settings = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5', 'ServerAliveCountMax=3'];

/** `destination`: as for ssh(1). A failure of ssh's own is thrown as Unreachable. */
export function sshShell(destination: string, { config, sudo }: SshOptions): Shell {
  const how = [...(config === undefined ? [] : ['-F', config]), ...settings.flatMap((each) => ['-o', each])];
  return async (script, words = []) => {
    const shell = ['sh', '-s', '--', ...words].join(' ');
    const there = sudo ? `sudo -n ${shell}` : shell;
    const ended = await runProgram(['ssh', '-T', ...how, '--', destination, there], script);
    if (ended.code === sshFailed || ended.code === 127)
      throw new Unreachable(whyNot(destination, ended.stderr));
    return ended;
  };
}

/** Why a machine could not be spoken to, in one line. */
export class Unreachable extends Error {}

/** What ssh has said, and what helps. Pure. */
export function whyNot(destination: string, stderr: string): string {
  if (stderr.includes('IDENTIFICATION HAS CHANGED'))
    return `its host key is another one than before: once you know why, ssh-keygen -R ${hostIn(destination)}`;
  if (stderr.includes('Host key verification failed'))
    return `its host key is not known: ssh ${destination} once, and compare it`;
  if (stderr.includes('Permission denied')) return `it does not let us in: ssh-copy-id ${destination}`;
  if (stderr.includes('Could not resolve hostname')) return 'there is no host of this name';
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => line !== '') ?? 'ssh says nothing';
}

function hostIn(destination: string): string {
  return destination.slice(destination.lastIndexOf('@') + 1);
}
