import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from './main.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function callWith(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
  const code = await main(argv);
  return { code, stdout, stderr };
}

describe('fairlead', () => {
  it('answers a wrong call with one line and exit code 2', async () => {
    expect(await callWith('nonsense')).toEqual({
      code: 2,
      stdout: '',
      stderr: "fairlead: unknown command 'nonsense'\n",
    });
  });

  it('shows examples and exit codes in its help', async () => {
    const { code, stdout } = await callWith('lab', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('fairlead lab shell server1');
    expect(stdout).toContain('Exit codes: 0 done');
  });

  it('refuses a lab to anyone but root, in one line, with exit code 2', async () => {
    vi.spyOn(process, 'geteuid').mockReturnValue(1000);
    const { code, stderr } = await callWith('lab', 'walkthrough');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^fairlead: the lab .* must be run as root .*\n$/);
  });

  it.each([
    ['status', 1],
    ['drops', 1],
    ['doctor', 2],
    ['realserver status', 1],
    ['announce 10.0.0.100', 1],
  ] as const)('refuses `fairlead %s` to anyone but root, with exit code %i', async (line, code) => {
    vi.spyOn(process, 'geteuid').mockReturnValue(1000);
    const stderr = 'fairlead: this must be run as root (try sudo)\n';
    expect(await callWith(...line.split(' '))).toEqual({ code, stdout: '', stderr });
  });
});
