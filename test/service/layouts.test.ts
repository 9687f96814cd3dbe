/** `systemctl restart` of the unit into a version that lays its data out differently, installed over the one that runs. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { run, startBackground } from '../../src/lab/process.ts';
import { tcPrograms } from '../director/daemon.ts';
import { answer, load } from '../director/load.ts';
import { withOtherVersion } from '../director/other-layout.ts';
import { createSegment, sendDatagrams, vip } from '../director/segment.ts';
import { type Namespace, needsRoot, root } from '../director/support.ts';
import { type Machine, type MachineHost, machineOn } from '../realserver/machine.ts';
import { booted, bootSystemd, systemdObstacle } from '../realserver/systemd.ts';

const obstacle = systemdObstacle();
const otherVersion = withOtherVersion();

beforeEach((context) => {
  needsRoot(context);
  context.skip(obstacle !== undefined, obstacle);
});

test('connections, counters and weights outlive a restart into another layout and back, and no request fails', async () => {
  const { client, director, servers } = await createSegment('s2', 's3');
  const machine = await machineOn(hostOf(director), bootSystemd);
  await booted(machine);
  await installed(machine, root);
  await machine.must('systemctl start fairlead');
  await machine.must(`ipvsadm -A -t ${vip}:7 -s wlc; ipvsadm -A -u ${vip}:53 -s wrr -p 300`);
  for (const [index, server] of servers.entries()) {
    await answer(server);
    await machine.must(`ipvsadm -a -t ${vip}:7 -r ${server.address}:7 -g -w ${2 + index}`);
    await machine.must(`ipvsadm -a -u ${vip}:53 -r ${server.address}:53 -g -w ${4 + index}`);
  }
  await sendDatagrams(client, 53, { count: 20, payload: 10, from: 40_000, spread: true });
  const talk = load(client, 'talk', vip, '7');
  const asks = load(client, 'ask', vip, '7', '2');

  const before = await listed(machine);
  expect(before.datagrams[0]?.split(/ +/).slice(2, 4), 'connections and packets').toEqual(['20', '20']);
  for (const version of [otherVersion().house, root]) {
    const programs = await tcPrograms(director, 'eth0');
    await installed(machine, version);
    await machine.must('systemctl restart fairlead');
    const replaced = await tcPrograms(director, 'eth0');
    expect(replaced.length).toBe(programs.length);
    expect(replaced.filter((id) => programs.includes(id))).toEqual([]);
    expect(await listed(machine)).toEqual(before);
  }

  const [talked, asked] = [await talk(), await asks()];
  expect(talked.failures).toEqual([]);
  expect(asked.failures).toEqual([]);
  const stats = await machine.must('ipvsadm -Ln --stats --exact');
  expect(Number(/^TCP +\S+ +(\d+)/m.exec(stats)?.[1])).toBe(asked.answered + 1);
}, 300_000);

/** What stays as it is while requests go on. */
async function listed(machine: Machine) {
  const lines = async (words: string, pattern: RegExp): Promise<readonly string[]> =>
    (await machine.must(`ipvsadm ${words}`)).split('\n').filter((line) => pattern.test(line));
  return {
    weights: await lines('-Sn', /./),
    datagrams: await lines('-Ln --stats --exact', /^UDP|:53 /),
    flows: (await lines('-Lcn', /^UDP/)).map((line) => line.replace(/ \d+:\d\d /, ' ')).toSorted(),
  };
}

/** A version's own installation, over whatever is installed there. */
async function installed(machine: Machine, house: string): Promise<void> {
  await machine.must(`${process.execPath} ${join(house, 'scripts/install.mjs')} && systemctl daemon-reload`);
}

/** A namespace as a host on which a machine can be. */
function hostOf({ name, inside }: Namespace): MachineHost {
  const directory = mkdtempSync(join(tmpdir(), 'fl-test-machine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return {
    name,
    directory,
    run: (argv, options) => run(inside(argv), options),
    start: async (argv, log) => {
      const started = await startBackground(inside(argv), { log: join(directory, log) });
      onTestFinished(() => started.stop());
      return started;
    },
  };
}
