/** /etc/ipvsadm.rules, saved and loaded as Debian's /etc/init.d/ipvsadm does it, and by that script itself. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, openLab } from '../../src/lab/lab.ts';
import { dr } from '../../src/lab/topologies.ts';
import { needsRoot } from '../director/support.ts';
import { obstacle } from '../support/privileged.ts';
import { debianMachine, type Machine } from './machine.ts';
import { linesOf, shell } from './network.ts';

const script = '/etc/init.d/ipvsadm';
const rules = '/etc/ipvsadm.rules';

const saved = `-A -t 172.25.138.100:80 -s wlc -p 600 -M 255.255.255.0
-a -t 172.25.138.100:80 -r 172.25.138.2:80 -g -w 1
-a -t 172.25.138.100:80 -r 172.25.138.3:8080 -m -w 2
-A -u 172.25.138.100:53 -s rr -o
-a -u 172.25.138.100:53 -r 172.25.138.2:53 -i -w 1 --tun-type ipip
-A -t [2001:db8::100]:443 -s sh -b sh-fallback,sh-port
-a -t [2001:db8::100]:443 -r [2001:db8::2]:443 -g -w 1
-A -f 7 -s rr
-a -f 7 -r 172.25.138.3:0 -g -w 1
`;

let lab: Lab | undefined;
let machine: Machine;

beforeAll(async () => {
  if (obstacle() !== undefined) return;
  lab = await openLab(dr, new AbortController().signal);
  machine = await debianMachine(lab.host('server1'));
});

afterAll(async () => {
  expect(await lab?.close()).toEqual(lab && []);
});

beforeEach(needsRoot);

const sorted = (text: string): readonly string[] => [...linesOf(text)].sort();

test('what `ipvsadm -S -n` has saved comes back by `grep -v "^#" FILE | ipvsadm -R`', async () => {
  const load = `ipvsadm -C; grep -v "^#" ${rules} | ipvsadm -R`;
  writeFileSync(machine.path(rules), `# ipvsadm.rules\n${saved}`);
  expect(await shell(machine, load)).toBe('');
  expect(sorted(await shell(machine, 'ipvsadm -S -n'))).toEqual(sorted(saved));

  const listing = await shell(machine, 'ipvsadm -Ln');
  const save = `echo "# ipvsadm.rules" > ${rules}; ipvsadm -S -n >> ${rules}`;
  // Servers are saved newest first, and so come back the other way round: after two rounds all is as it was.
  await shell(machine, `${save}; ${load}; ${save}; ${load}`);
  expect(await shell(machine, 'ipvsadm -Ln')).toBe(listing);
});

test("Debian's init script saves, loads, starts and stops", async (context) => {
  const absent = !existsSync(script);
  context.skip(absent, `needs ${script} (node scripts/setup.mjs interop)`);
  const init = (word: string) => shell(machine, `${script} ${word}`);
  const services = async () => sorted(await shell(machine, 'ipvsadm -S -n'));
  writeFileSync(machine.path('/etc/default/ipvsadm'), 'AUTO="true"\nDAEMON="none"\n');
  writeFileSync(machine.path(rules), `# ipvsadm.rules\n${saved}`);

  await init('start');
  expect(await services()).toEqual(sorted(saved));
  expect(await init('status')).toBe(await shell(machine, 'ipvsadm -L -n'));

  await shell(machine, 'ipvsadm -D -f 7');
  await init('save');
  const kept = linesOf(saved).filter((line) => !line.includes('-f 7'));
  const file = linesOf(readFileSync(machine.path(rules), 'utf8'));
  expect([file[0], [...file.slice(1)].sort()]).toEqual(['# ipvsadm.rules', [...kept].sort()]);

  await init('stop');
  expect(await services()).toEqual([]);
  await init('load');
  expect(await services()).toEqual([...kept].sort());

  writeFileSync(machine.path(rules), '-A -t 172.25.138.100:80 -s nonsense\n');
  expect(await init('reload')).toContain('failed');
});
