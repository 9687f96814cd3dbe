/** Running `fairlead lab` as a person does, and looking for what it leaves behind. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import { labProcesses } from '../../src/lab/environment.ts';
import { binDirectory, packageRoot } from '../../src/lab/package-root.ts';
import { commandLineOf, processes } from '../../src/lab/proc.ts';
import { type Outcome, run } from '../../src/lab/process.ts';
import { listLabs } from '../../src/lab/record.ts';

const program = join(binDirectory, 'fairlead');

/** For `beforeEach`: skips what this machine cannot do, and says why. */
export function needsLab(context: TestContext): void {
  const reason = obstacle();
  context.skip(reason !== undefined, reason);
}

function obstacle(): string | undefined {
  if (process.geteuid?.() !== 0) return 'needs root, to make network namespaces';
  const unbuilt = ['fairlead.js', 'fairleadd.js', 'ipvsadm.cjs'].find(
    (bundle) => !existsSync(join(packageRoot, 'dist', bundle)),
  );
  return unbuilt && `needs dist/${unbuilt} (npm run build)`;
}

/** Runs `fairlead` with these words to its end. */
export function fairlead(...words: readonly string[]): Promise<Outcome> {
  return run([program, ...words], { timeoutMs: 90_000 });
}

/** Plays scenarios as a person does; answers what was printed, and the checks that did not hold. */
export async function played(
  ...words: readonly string[]
): Promise<{ text: string; failed: readonly string[] }> {
  const { code, stdout, stderr } = await run([program, 'lab', 'play', ...words], { timeoutMs: 300_000 });
  const lines = stdout.split('\n');
  const failed = lines.filter((line, at) => `${line}${lines[at - 1]}`.includes('✗ not so'));
  if (code !== 0 || stderr !== '') failed.push(`exit code ${code}: ${stderr}`);
  return { text: stdout, failed };
}

/** Builds a standing lab; answers its id. It is taken down after the test. */
export async function standingLab(): Promise<string> {
  const { code, stdout, stderr } = await fairlead('lab', 'up', 'dr');
  if (code !== 0) throw new Error(`fairlead lab up dr: ${stderr}`);
  const id = stdout.trim();
  onTestFinished(async () => {
    if (labParts(id).length > 0) await fairlead('lab', 'down', id);
  });
  return id;
}

export type Walkthrough = {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  text(): string;
  /** Its lab, as soon as there is a record of it. */
  id(): string | undefined;
  /** Its exit code, or the name of the signal that ended it. */
  readonly end: Promise<number | NodeJS.Signals>;
};

/** Starts the walkthrough, as `npm start` does; it is ended with the test at the latest. */
export function startWalkthrough(): Walkthrough {
  const child = spawn(process.execPath, [program, 'lab', 'walkthrough'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill();
  });
  let text = '';
  let lab: string | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    child,
    text: () => text,
    id() {
      lab ??= listLabs().find(({ owner }) => owner.pid === child.pid)?.id;
      return lab;
    },
    end: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
}

/** The helper that takes a lab down when its owner is killed. */
export function reaperOf(id: string): number | undefined {
  return processes().find((pid) => commandLineOf(pid).endsWith(`lab reap ${id}`));
}

/** Everything on this machine that belongs to a lab: namespaces, processes, its directory. */
export function labParts(id: string): readonly string[] {
  const named = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);
  const namespaces = named('/run/netns').filter((name) => name.startsWith(`fl-${id}-`));
  const directories = named('/run/fairlead/lab').filter((name) => name === id);
  const pids = [...labProcesses(id), ...[reaperOf(id) ?? []].flat()];
  return [...namespaces, ...directories, ...pids.map((pid) => `${pid} ${commandLineOf(pid)}`)];
}

/** The ids of the BPF programs on the director's interfaces. */
export async function directorPrograms(id: string): Promise<readonly number[]> {
  const { stdout } = await run(['ip', 'netns', 'exec', `fl-${id}-server1`, 'bpftool', '-j', 'net', 'show']);
  return [...stdout.matchAll(/"(?:prog_id|id)":(\d+)/g)].map(([, program]) => Number(program));
}

/** The ids of all BPF programs that the kernel has loaded. */
export async function loadedPrograms(): Promise<readonly number[]> {
  const { stdout } = await run(['bpftool', '-j', 'prog', 'show']);
  return (JSON.parse(stdout) as readonly { id: number }[]).map(({ id }) => id);
}

/** bpftool is a tool for building Fairlead, not for running it. */
export function hasBpftool(): Promise<boolean> {
  return run(['bpftool', 'version']).then(
    ({ code }) => code === 0,
    () => false,
  );
}
