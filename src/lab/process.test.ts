import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identify, isAlive } from './proc.ts';
import { run, startBackground } from './process.ts';

const shell = (script: string) => ['sh', '-c', script];

describe('run', () => {
  it('answers the exit code and what was printed', async () => {
    const outcome = await run(shell('cat; echo bad >&2; exit 3'), { stdin: 'good' });
    expect(outcome).toEqual({ code: 3, stdout: 'good', stderr: 'bad\n', timedOut: false });
  });

  it('kills the whole group of a program that takes too long', async () => {
    const outcome = await run(shell('echo $$; sleep 60 & sleep 60'), { timeoutMs: 100 });
    expect(outcome).toMatchObject({ code: 137, timedOut: true });
    expect(identify(Number(outcome.stdout))).toBeUndefined();
  });

  it('does not wait for a daemon that keeps the output open', async () => {
    const outcome = await run(shell('echo up; setsid sleep 3 &'), { timeoutMs: 10_000 });
    expect(outcome).toEqual({ code: 0, stdout: 'up\n', stderr: '', timedOut: false });
  });

  it('rejects with the reason when it is interrupted', async () => {
    const controller = new AbortController();
    const running = run(shell('sleep 60'), { signal: controller.signal });
    controller.abort(new Error('^C'));
    await expect(running).rejects.toThrow('^C');
  });

  it('names the Debian package of a program that is missing', async () => {
    const env = { PATH: '/nonexistent' };
    await expect(run(['arptables'], { env })).rejects.toThrow(
      'the program "arptables" is not in the PATH (on Debian: apt-get install iptables)',
    );
  });
});

describe('startBackground', () => {
  it('runs beside us until it is stopped, and writes its log', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fairlead-'));
    try {
      const log = join(directory, 'log');
      const load = await startBackground(shell('while :; do echo x; sleep 0.01; done'), { log });
      const identity = identify(load.pid);
      await expect.poll(() => readFileSync(log, 'utf8')).toContain('x\n');
      await load.stop();
      await load.stop();
      expect(identity && isAlive(identity)).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
