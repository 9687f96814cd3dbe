/** What the lab needs from the machine: root, and a few programs, each from a Debian package. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from './errors.ts';

const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nstat: 'iproute2',
  curl: 'curl',
  arptables: 'iptables',
  'arptables-save': 'iptables',
  'arptables-restore': 'iptables',
  iptables: 'iptables',
  ebtables: 'iptables',
  busybox: 'busybox',
  python3: 'python3',
};

/** The programs that building a topology takes. */
export const buildTools = ['ip', 'busybox'] as const;

/** Throws LabError, with exit code 2, unless we are root and every one of `tools` is in the PATH. */
export function requireMachine(tools: readonly string[]): void {
  if (process.geteuid?.() !== 0) {
    throw new LabError('the lab builds network namespaces and must be run as root (sudo npm start)', 2);
  }
  const missing = tools.find((tool) => !inPath(tool));
  if (missing !== undefined) throw new LabError(missingTool(missing), 2);
}

/** The line for a program that is not installed, with the Debian package where we know it. */
export function missingTool(tool: string): string {
  const debian = packages[tool];
  const cure = debian === undefined ? 'install it' : `on Debian: apt-get install ${debian}`;
  return `the program "${tool}" is not in the PATH (${cure})`;
}

/** PATH with the directories of system programs, which sudo and containers like to leave out. */
export function searchPath(...first: readonly string[]): string {
  return [...first, process.env['PATH'] ?? '/usr/bin:/bin', '/usr/sbin:/sbin'].join(delimiter);
}

function inPath(tool: string): boolean {
  return searchPath()
    .split(delimiter)
    .some((directory) => {
      try {
        accessSync(join(directory, tool), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
