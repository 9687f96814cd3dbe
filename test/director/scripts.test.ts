/** What scripts do with ipvsadm: save, restore, Debian's init script, and sync daemons that outlive their daemon. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { killDaemon } from './daemon.ts';
import { addInterface, createNamespace, needsRoot, root } from './support.ts';

beforeEach(needsRoot);

const rules = `-A -t 10.0.0.100:80 -s rr
-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g -w 1
-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g -w 2
-A -f 7 -6 -s wlc -p 300 -M 64
`;

test('ipvsadm-save and ipvsadm-restore, and what the init script does, bring services back', async () => {
  const director = await createNamespace('scripts');
  const file = join(tmpdir(), `fl-rules-${process.pid}`);
  onTestFinished(() => rmSync(file, { force: true }));
  writeFileSync(file, `# ipvsadm.rules\n${rules}`);
  const shell = async (line: string) => await director.run(['sh', '-c', line, 'sh', `${root}bin`, file]);

  expect(await shell('grep -v "^#" $2 | $1/ipvsadm -R')).toEqual({ stdout: '', stderr: '', code: 0 });
  expect(await shell('$1/ipvsadm-save -n')).toEqual({ stdout: rules, stderr: '', code: 0 });
  expect(await shell('$1/ipvsadm -A -u 10.0.0.100:53; $1/ipvsadm-restore <$2')).toMatchObject({
    stderr: '',
    code: 0,
  });
  expect((await shell('$1/ipvsadm-save -n >>$2')).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(`# ipvsadm.rules\n${rules}${rules}`);
  expect((await shell('$1/ipvsadm-save -x')).code).toBe(1);
});

test('sync daemons are listed after the daemon was killed, until they are stopped', async () => {
  const director = await createNamespace('sync');
  await addInterface(director, 'eth0', '10.0.0.2/24');
  await director.ipvsadm('--start-daemon backup --syncid 5 --mcast-interface lo');
  await director.ipvsadm('--start-daemon master --mcast-group ff02::81');
  await killDaemon(director);
  expect((await director.ipvsadm('-L --daemon')).stdout).toBe(
    'master sync daemon (mcast=eth0, syncid=0, maxlen=1452, group=ff02::81, port=8848, ttl=1)\n' +
      'backup sync daemon (mcast=lo, syncid=5, maxlen=65507, group=224.0.0.81, port=8848, ttl=1)\n',
  );
  expect(await director.ipvsadm('--stop-daemon master')).toEqual({ stdout: '', stderr: '', code: 0 });
  expect((await director.ipvsadm('--stop-daemon master')).stderr).toBe('No daemon is running\n');
});

test('output that nobody reads, or that does not fit on a disk, ends no command in a stack', async () => {
  const director = await createNamespace('readers');
  await director.ipvsadm('-A -t 10.0.0.100:80');
  const ended = async (line: string) => {
    const script = `exec 2>&1; { $1/fairlead ${line}; echo "exit $?" >&2; }`;
    return (await director.run(['bash', '-c', script, 'bash', `${root}bin`])).stdout;
  };
  // `true` has gone before anything is printed.
  const codes = {
    status: 0,
    export: 0,
    sysctl: 0,
    'health --json': 0,
    'sysctl --help': 0,
    metrics: 141,
    'drops --watch': 141,
  };
  for (const [words, code] of Object.entries(codes))
    expect(await ended(`${words} > >(exec <&-; true)`), words).toBe(`exit ${code}\n`);
  expect(await ended('status >/dev/full')).toMatch(
    /^fairlead: standard output cannot be written: .*ENOSPC.*\nexit 1\n$/,
  );
});
