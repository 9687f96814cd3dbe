/** Asks the real ipvsadm over kernel IPVS, in user-mode Linux. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { guestCommand } from '../../src/compare/guest.ts';
import { packageRoot } from '../../src/lab/package-root.ts';
import { servicesText } from '../golden/subset.ts';
import type { Line } from './generate.ts';

export type Answer = { readonly stdout: string; readonly stderr: string; readonly code: number };

/** The names there are in the guest and, for our side, in the replay. */
export const hostsText =
  '127.0.0.1 localhost\n10.0.0.100 www.example.org www\nfd00::100 six.example.org six\n';

const run = promisify(execFile);
const longestMilliseconds = 3_600_000;

/** One answer for each line, in order; every line meets what those before it have left. */
export async function askGuest(lines: readonly Line[]): Promise<readonly Answer[]> {
  const directory = mkdtempSync(join(tmpdir(), 'lines-'));
  try {
    writeFileSync(join(directory, 'questions'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writeFileSync(join(directory, 'hosts'), hostsText);
    writeFileSync(join(directory, 'services'), servicesText);
    writeFileSync(join(directory, 'resolv.conf'), '');
    const [command = '', ...words] = guestCommand(directory, 1, join(packageRoot, 'test/lines/ask.py'));
    await run(command, words, { timeout: longestMilliseconds });
    const answers = readFileSync(join(directory, 'answers'), 'utf8').trim().split('\n');
    if (answers.length === lines.length) return answers.map((text) => JSON.parse(text) as Answer);
    throw new Error(`the guest has ended: ${readFileSync(join(directory, 'log'), 'utf8')}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
