/** A person's shell, or a command of theirs, on a host of a lab. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { labEnvironment } from './environment.ts';
import { LabError } from './errors.ts';
import { inNamespace } from './plan.ts';
import { runAttached } from './process.ts';
import { hostDirectory, type LabRecord } from './record.ts';
import { topologies } from './topologies.ts';

/** Runs `argv` on a host, on our terminal and in our directory; answers its exit code. */
export function attach(lab: LabRecord, host: string, argv: readonly string[]): Promise<number> {
  requireHost(lab, host);
  return runAttached(inNamespace(lab.id, host, argv), { env: labEnvironment(lab.id, host) });
}

/** Opens the person's own shell on a host, with the host's name as its prompt; answers its exit code. */
export function openShell(lab: LabRecord, host: string): Promise<number> {
  requireHost(lab, host);
  const shell = process.env['SHELL'] ?? '/bin/sh';
  const env = { ...labEnvironment(lab.id, host), PS1: `${host}# ` };
  const argv = basename(shell) === 'bash' ? [shell, '--rcfile', bashrc(lab.id, host, env.PATH)] : [shell];
  return runAttached(inNamespace(lab.id, host, argv), { env });
}

/** The person's own .bashrc, and after it what it may have changed: the prompt and the way to our programs. */
function bashrc(id: string, host: string, path: string): string {
  const directory = hostDirectory(id, host);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'bashrc');
  const quotedPath = `'${path.replaceAll("'", `'\\''`)}'`;
  writeFileSync(file, `[ -r ~/.bashrc ] && . ~/.bashrc\nexport PATH=${quotedPath}\nPS1='${host}:\\w# '\n`);
  return file;
}

function requireHost(lab: LabRecord, host: string): void {
  const hosts = Object.keys(topologies[lab.topology]?.hosts ?? {});
  if (hosts.includes(host)) return;
  throw new LabError(`lab ${lab.id} has no host "${host}"; there are ${hosts.join(', ')}`, 2);
}
