/** Which hook carries the director is a choice, and both carry it. XDP on veth is tested, not recommended. */

import { beforeEach, describe, expect, test } from 'vitest';
import type { HookMode } from '../../src/ipvs/interface.ts';
import { holdingsOf, killDaemon, nothing, statusOf, stillThere, tcProgram } from './daemon.ts';
import { finishChecksums } from './offloads.ts';
import { must, until } from './processes.ts';
import {
  command,
  createSegment,
  receiveDatagrams,
  type Segment,
  sendDatagrams,
  serveNames,
  vip,
} from './segment.ts';
import { type Namespace, needsRoot } from './support.ts';

beforeEach(needsRoot);

const done = { stdout: '', stderr: '', code: 0 };

describe('with XDP forced in front', () => {
  test('every connection is balanced as with TC', async () => {
    const segment = await createSegment('s2', 's3');
    const { client, director } = segment;
    await forceXdp(segment);
    await serveNames(segment, 'rr');
    const answers: string[] = [];
    for (let port = 20_000; port < 20_040; port++) {
      const words = ['-sm', '5', '--local-port', String(port), `http://${vip}/`];
      answers.push(await client.must('curl', ...words));
    }
    expect(answers).toEqual(Array.from({ length: 20 }, () => ['s3\n', 's2\n']).flat());
    const { stdout } = await director.ipvsadm('-Ln');
    expect(stdout.match(/Route +1 +0 +20 /g)?.length).toBe(2);
  });

  test('XDP alone carries an established flow, where without it nothing arrives', async () => {
    const segment = await createSegment('s2');
    const { client, director } = segment;
    await forceXdp(segment);
    await command(director, `-A -u ${vip}:53 -s rr`);
    await command(director, `-a -u ${vip}:53 -r 172.25.138.2 -g`);
    const receiver = await receiveDatagrams(segment.servers[0] as Namespace, 53);
    const arrived = () => receiver.received().datagrams;
    const flow = { count: 500, payload: 100, from: 40_000, pauseMs: 1 };

    await sendDatagrams(client, 53, flow);
    await until('all have arrived', () => arrived() === 500);

    // Once a second XDP passes a packet up to TC, by design; with TC taken off, that one is lost.
    await withoutTc(director, async () => {
      await sendDatagrams(client, 53, flow);
      await until('nearly all have arrived', () => arrived() > 980);
    });
    expect(arrived()).toBeLessThanOrEqual(1000);

    expect(await director.fairlead('interface eth0 tc')).toEqual(done);
    const before = arrived();
    await withoutTc(director, () => sendDatagrams(client, 53, { ...flow, count: 50 }));
    expect(arrived()).toBe(before);

    expect(await director.fairlead('interface eth0 auto')).toEqual(done);
    await sendDatagrams(client, 53, { ...flow, count: 50 });
    await until('TC carries it again', () => arrived() === before + 50);
  });

  test('the choice outlives the daemon, and the namespace takes it with it', async () => {
    const segment = await createSegment('s2');
    const { director } = segment;
    await forceXdp(segment);
    await killDaemon(director);
    await director.ipvsadm('-Ln');
    expect((await statusOf(director)).interfaces).toMatchObject([
      { name: 'eth0', mode: 'xdp', hooks: ['tc', 'xdp'] },
    ]);
    const held = await holdingsOf(director, 'lo', 'eth0');
    await director.remove();
    await until('nothing in the kernel', () => {
      const { programs, maps } = stillThere(held);
      return programs.length + maps.length === 0;
    });
    expect(stillThere(held)).toEqual(nothing);
  });
});

const hooks: Readonly<Record<HookMode, { readonly tc: boolean; readonly xdp: boolean }>> = {
  auto: { tc: true, xdp: false },
  tc: { tc: true, xdp: false },
  xdp: { tc: true, xdp: true },
  off: { tc: false, xdp: false },
};

/** Each mode after each other. */
const walk = 'auto tc xdp off auto xdp tc off tc auto off xdp auto'.split(' ') as readonly HookMode[];

test('the four modes put on an interface what they say, in any order, and unloading takes all off', async () => {
  const { director } = await createSegment('s2');
  for (const [step, mode] of walk.entries()) {
    expect(await director.fairlead(`interface eth0 ${mode}`)).toEqual(done);
    expect(await hooksOf(director), `step ${step}: ${mode}`).toEqual(hooks[mode]);
  }
  await director.fairlead('interface eth0 xdp');
  expect(await director.fairlead('unload')).toEqual(done);
  expect(await hooksOf(director)).toEqual(hooks.off);
});

/**
 * XDP_TX into a veth arrives only if an XDP program runs on its other end (veth_xdp_flush in the kernel's
 * veth.c): a second director in the bridge's namespace sees to that. The client must not leave its checksums
 * to a card it has not got.
 */
async function forceXdp({ lan, client, director }: Segment): Promise<void> {
  finishChecksums(client, 'eth0');
  expect(await lan.fairlead('interface director xdp')).toEqual(done);
  expect(await director.fairlead('interface eth0 xdp')).toEqual(done);
}

/** Takes the TC filter off while `traffic` flows. The daemon is halted meanwhile: it would put the filter back. */
async function withoutTc(director: Namespace, traffic: () => Promise<unknown>): Promise<void> {
  const { pid } = await statusOf(director);
  process.kill(pid, 'SIGSTOP');
  try {
    await must(['tc', '-n', director.name, 'filter', 'del', 'dev', 'eth0', 'ingress']);
    await traffic();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

async function hooksOf(namespace: Namespace): Promise<{ readonly tc: boolean; readonly xdp: boolean }> {
  const link = await must(['ip', '-n', namespace.name, 'link', 'show', 'dev', 'eth0']);
  return {
    tc: (await tcProgram(namespace, 'eth0')) !== undefined,
    xdp: /\bprog\/xdp id \d+/.test(link),
  };
}
