import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { goldenHosts, goldenNames } from '../../test/golden/subset.ts';
import type { Client } from '../api/client.ts';
import type { Ipv4, Port } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { type ErrorCode, FairleadError } from '../ipvs/errors.ts';
import { createFakeDirector } from './fake-director.ts';
import { type MainModules, main } from './main.ts';
import { collector } from './test-streams.ts';

async function ipvsadm(line: string, part: Partial<MainModules> = {}) {
  const [stdout, stderr] = [collector(), collector()];
  const modules = {
    connect: () => Promise.resolve(createFakeDirector()),
    names: goldenNames(goldenHosts),
    isRoot: () => true,
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    ...part,
  };
  const code = await main(line === '' ? [] : line.split(' '), modules);
  return { stdout: stdout.text(), stderr: stderr.text(), code };
}

/** A director that refuses everything with one code. */
function refusing(code: ErrorCode, detail?: string): Client {
  const refuse = () => Promise.reject(new FairleadError(code, detail));
  return {
    call: refuse,
    // biome-ignore lint/correctness/useYield: it refuses before it yields.
    async *stream() {
      await refuse();
    },
    page: () => {
      throw new FairleadError(code, detail);
    },
  };
}

const serviceLine = '-t 10.0.0.100:80';

describe('without root', () => {
  const notRoot = { isRoot: () => false, connect: () => Promise.reject(new Error('connected')) };

  it.each(['', '-Ln', '-A', '--bogus', `-A ${serviceLine}`])(
    '`ipvsadm %s` is refused in one line',
    async (line) => {
      const stderr = "Can't initialize ipvs: Permission denied (you must be root)\n";
      expect(await ipvsadm(line, notRoot)).toEqual({ stdout: '', stderr, code: 2 });
    },
  );

  it.each(['-h', '-v'])('`ipvsadm %s` answers', async (line) => {
    const { stdout, stderr, code } = await ipvsadm(line, notRoot);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^ipvsadm v1\.31 /);
  });
});

it.each(['-h', '-v', '-A', '-L foo', '-A -t 10.0.0.1:70000', '--start-daemon bogus'])(
  '`ipvsadm %s` needs no director',
  async (line) => {
    const connect = () => Promise.reject(new Error('connected'));
    expect((await ipvsadm(line, { connect })).stderr).not.toContain('connected');
  },
);

describe('a refusal of the director', () => {
  it.each<[ErrorCode, string, number]>([
    ['SERVICE_EXISTS', `-A ${serviceLine}`, 255],
    ['SCHEDULER_NOT_FOUND', `-E ${serviceLine}`, 255],
    ['SERVICE_NOT_FOUND', `-D ${serviceLine}`, 255],
    ['SERVICE_NOT_FOUND', `-Z ${serviceLine}`, 255],
    ['SERVICE_NOT_FOUND', `-L ${serviceLine}`, 1],
    ['DESTINATION_EXISTS', `-a ${serviceLine} -r 10.0.0.11`, 255],
    ['DESTINATION_NOT_FOUND', `-d ${serviceLine} -r 10.0.0.11`, 255],
    ['DESTINATION_NOT_UNICAST', `-a ${serviceLine} -r 224.0.0.1`, 255],
    ['THRESHOLDS_OUT_OF_RANGE', `-a ${serviceLine} -r 10.0.0.11 -y 5`, 255],
    ['DESTINATION_FAMILY', `-a ${serviceLine} -r fd00::1 -i`, 255],
    ['SYSTEM_CALL', '-S', 1],
    ['OUT_OF_MEMORY', `-A ${serviceLine}`, 255],
    ['SYSTEM_CALL', '-C', 255],
    ['SYSTEM_CALL', '-Lc', 1],
    ['NO_BPF', '-Ln', 2],
    ['NO_LIBRARY', `-A ${serviceLine}`, 2],
    ['DIRECTOR_UNREACHABLE', '-Lc', 2],
  ])('%s of `ipvsadm %s` is its sentence and exit code %d', async (error, line, code) => {
    const connect = () => Promise.resolve(refusing(error));
    const stderr = `${new FairleadError(error).message}\n`;
    expect(await ipvsadm(line, { connect })).toEqual({ stdout: '', stderr, code });
  });

  it.each(['-a', '-e', '-d'])('SERVICE_NOT_FOUND of %s reads as for a real server', async (command) => {
    const connect = () => Promise.resolve(refusing('SERVICE_NOT_FOUND'));
    const answer = await ipvsadm(`${command} ${serviceLine} -r 10.0.0.11`, { connect });
    expect(answer).toEqual({ stdout: '', stderr: 'Service not defined\n', code: 255 });
  });

  it('shows no detail behind a sentence that scripts match, and else in the same line', async () => {
    const exists = () => Promise.resolve(refusing('SERVICE_EXISTS', 'tcp:10.0.0.100:80'));
    const noBpf = () => Promise.resolve(refusing('NO_BPF', 'first\nsecond'));
    expect((await ipvsadm(`-A ${serviceLine}`, { connect: exists })).stderr).toBe('Service already exists\n');
    expect((await ipvsadm('-Ln', { connect: noBpf })).stderr).toBe(
      "Can't initialize ipvs: this kernel refuses BPF: first second\n",
    );
  });

  it('to connect at all ends the command in the same way', async () => {
    const connect = () => Promise.reject(new FairleadError('NO_LIBRARY', 'libbpf.so.1'));
    const stderr = "Can't initialize ipvs: a library is missing: libbpf.so.1\n";
    expect(await ipvsadm('-C', { connect })).toEqual({ stdout: '', stderr, code: 2 });
  });

  it('that nobody foresaw is one line, too', async () => {
    const connect = () => Promise.reject(new Error('socket\nhang up'));
    expect(await ipvsadm('-Ln', { connect })).toEqual({ stdout: '', stderr: 'socket hang up\n', code: 2 });
  });
});

describe('connections', () => {
  const rows: ConnectionStatus[] = Array.from({ length: 1200 }, (_, index) => ({
    template: false,
    protocol: 'tcp',
    family: 4,
    method: 'gate',
    state: 'ESTABLISHED',
    expiresInSeconds: 900,
    client: { address: '10.0.0.10' as Ipv4, port: (40_000 + index) as Port },
    virtual: { address: '10.0.0.100' as Ipv4, port: 80 as Port },
    destination: { address: '127.0.0.1' as Ipv4, port: 80 as Port },
  }));
  const connect = () => Promise.resolve(createFakeDirector(rows));

  it('are all listed, in the order in which they come', async () => {
    const { stdout, code } = await ipvsadm('-Lcn', { connect });
    const lines = stdout.split('\n');
    expect(code).toBe(0);
    expect(lines.length).toBe(rows.length + 3);
    expect(lines[2]).toBe('TCP 15:00  ESTABLISHED 10.0.0.10:40000    10.0.0.100:80      127.0.0.1:80');
    expect(lines[1201]).toContain('10.0.0.10:41199');
  });

  it('are listed by name', async () => {
    const { stdout } = await ipvsadm('-Lc', { connect });
    expect(stdout.split('\n')[2]).toBe(
      'TCP 15:00  ESTABLISHED 10.0.0.10:40000    10.0.0.100:http    localhost:http',
    );
  });

  it('show the heading even where there are none', async () => {
    const { stdout } = await ipvsadm('-Lc');
    expect(stdout.split('\n').length).toBe(3);
  });
});

describe('-R', () => {
  const lines = (text: string) => ({ stdin: Readable.from([text]) });

  it('does one line after the other, and says in between what was refused', async () => {
    const text = '-A -t 10.0.0.1:80\n\n-A -t 10.0.0.1:80\nipvsadm -A -f 7 -6\n-S -n';
    const client = createFakeDirector();
    const answer = await ipvsadm('-R', { ...lines(text), connect: () => Promise.resolve(client) });
    expect(answer).toEqual({
      stdout: '-A -t 10.0.0.1:80 -s wlc\n-A -f 7 -6 -s wlc\n',
      stderr: 'Service already exists\n',
      code: 0,
    });
  });

  it('ends at a line that makes no sense, with its exit code', async () => {
    const answer = await ipvsadm('-R', lines('-A -t 10.0.0.1:80 extra\n-L\n'));
    expect(answer).toEqual({ stdout: '', stderr: 'unexpected argument extra\n', code: 2 });
  });

  it('finds its director once', async () => {
    let connections = 0;
    const client = createFakeDirector();
    const connect = () => {
      connections++;
      return Promise.resolve(client);
    };
    await ipvsadm('-R', { ...lines('-C\n-Z\n-C\n'), connect });
    expect(connections).toBe(1);
  });
});

describe('standard output', () => {
  it.each(['-Ln', '-Lcn', '-h'])('of `ipvsadm %s` that nobody reads any more is no error', async (line) => {
    const { stream } = collector('EPIPE');
    expect(await ipvsadm(line, { stdout: stream })).toEqual({ stdout: '', stderr: '', code: 0 });
  });

  it('that cannot be written is one', async () => {
    const { stream } = collector('ENOSPC');
    expect(await ipvsadm('-Ln', { stdout: stream })).toEqual({ stdout: '', stderr: 'ENOSPC\n', code: 2 });
  });
});

it('bin/ipvsadm says from any directory, through a symlink, that it has to be built', async () => {
  const house = mkdtempSync(join(tmpdir(), 'ipvsadm-'));
  try {
    cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(house, 'bin'), { recursive: true });
    cpSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(house, 'package.json'));
    symlinkSync(join(house, 'bin', 'ipvsadm'), join(house, 'link'));
    const answer = await new Promise((resolve) => {
      execFile(join(house, 'link'), ['-Ln'], { cwd: '/' }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, code: error?.code }),
      );
    });
    const stderr = `ipvsadm: not built yet; run \`npm run build\` in ${house}\n`;
    expect(answer).toEqual({ stdout: '', stderr, code: 2 });
  } finally {
    rmSync(house, { recursive: true });
  }
});
