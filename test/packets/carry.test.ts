/**
 * Another version's data plane is carried over, packet by packet: what comes between the passes, on either side of the
 * moment in which the programs are replaced. The other version is this one by another number, with the same clock.
 */

import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, onTestFinished, test as plainTest } from 'vitest';
import { FlLimit } from '../../src/dataplane/bpf/abi.gen.ts';
import {
  type BpfDataPlane,
  openBpfDataPlane,
  rehearseBpfDataPlane,
} from '../../src/dataplane/bpf/dataplane.ts';
import type { DirectorMaps } from '../../src/dataplane/bpf/director-maps.ts';
import { directorPlace } from '../../src/dataplane/bpf/place.ts';
import { drain } from '../../src/dataplane/pieces.ts';
import type { ConnectionStatus } from '../../src/ipvs/connection.ts';
import { queryTc } from '../../src/linux/bpf-hook.ts';
import { closeFd, programById } from '../../src/linux/bpf-program.ts';
import { listLinks } from '../../src/linux/links.ts';
import { arrange, translated, web } from '../support/arrange.ts';
import { heldMaps } from '../support/held-maps.ts';
import { tcp, udp } from '../support/packet.ts';
import { type Passage, passageOf } from '../support/passage.ts';
import { obstacle } from '../support/privileged.ts';
import { test } from '../support/test.ts';
import { createWire } from '../support/wire.ts';
import { macOfInterface, vip, vip6 } from '../support/world.ts';

const objectPath = fileURLToPath(new URL('../../bpf/director.bpf.o', import.meta.url));
const client = '10.0.0.200:40001';
const segment = (flags: string, from = client) => tcp({ from, to: `${vip}:80`, flags });
const datagram = (from: string) => udp({ from, to: `${vip}:53`, payload: 10 });
/** Nanoseconds: more than the programs' clock is behind, and less than passes allow for. */
const lag = 50_000_000n;
const twoServers = { '10.0.0.11': 1, '10.0.0.12': 1 };

describe('while an upgrade brings entries along', () => {
  test('a segment whose entry is not here yet is dropped and counted, and one that opens is scheduled', ({
    bench,
    players: { tc, xdp },
  }) => {
    arrange(bench, { service: web, servers: { '10.0.0.11': 1 } });
    const { notForwarded } = bench.plane;
    const during = (since: bigint): void =>
      bench.maps.settings.set(0, { ...bench.maps.settings.get(0), carryingSince: since });
    during(bench.now());
    for (const player of [tc, xdp]) expect(player.receive(segment('A'))).toMatchObject({ fate: 'dropped' });
    expect(notForwarded()['upgrading']).toMatchObject({ packets: 2 });
    expect(tc.receive(segment('S'))).toMatchObject({ fate: 'forwarded' });
    expect(tc.receive(segment('A'))).toMatchObject({ fate: 'forwarded' });
    during(0n);
    expect(tc.receive(segment('A', '10.0.0.200:40002'))).toMatchObject({ fate: 'stack' });
    expect(notForwarded()['no_connection']).toMatchObject({ packets: 1 });
  });

  test("a masqueraded real server's packet is dropped if its connection is not here yet, and a datagram is scheduled", ({
    bench,
    players: { tc },
  }) => {
    arrange(bench, { service: web, servers: { '10.1.0.27:8080': translated } });
    arrange(bench, { service: `udp:${vip}:53`, servers: { '10.0.0.11': 1 } });
    const toMac = macOfInterface('eth1');
    const reply = tcp({ from: '10.1.0.27:8080', to: client, flags: 'SA', toMac });
    bench.maps.settings.set(0, { ...bench.maps.settings.get(0), carryingSince: bench.now() });
    expect(tc.receive(reply, 'eth1')).toMatchObject({ fate: 'dropped' });
    expect(bench.plane.notForwarded()['upgrading']).toMatchObject({ packets: 1 });
    expect(tc.receive(datagram('10.0.0.200:5000'))).toMatchObject({ fate: 'forwarded' });
    bench.maps.settings.set(0, { ...bench.maps.settings.get(0), carryingSince: 0n });
    expect(tc.receive(reply, 'eth1')).toMatchObject({ fate: 'stack' });
  });
});

describe('an upgrade', () => {
  beforeEach((context) => context.skip(obstacle() !== undefined, obstacle()));

  plainTest('brings along what is opened, and what changes, after the first passes', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: web, servers: twoServers });
    upgrade.receive(segment('S'));
    const { plane, receive } = upgrade.run({
      copied() {
        upgrade.receive(segment('A'));
        upgrade.receive(segment('S', '10.0.0.200:40002'));
      },
    });
    expect(statesOf(plane)).toEqual(['40001 ESTABLISHED', '40002 SYN_RECV']);
    expect(loadsOf(plane)).toEqual(['10.0.0.11 1 0', '10.0.0.12 1 0']);
    expect(receive(segment('A', '10.0.0.200:40002')).fate).toBe('forwarded');
    expect([...plane.services()][0]?.counters).toMatchObject({ connections: 2, inPackets: 4 });
  });

  plainTest('leaves a state that packets have reached here, and what they have opened', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: web, servers: twoServers });
    for (const flags of ['S', 'A']) upgrade.receive(segment(flags));
    const { plane } = upgrade.run({
      copied: () => upgrade.receive(segment('A')),
      replaced() {
        upgrade.receive(segment('FA'));
        upgrade.receive(segment('S', '10.0.0.200:40002'));
      },
    });
    expect(statesOf(plane)).toEqual(['40001 FIN_WAIT', '40002 SYN_RECV']);
    expect(plane.connectionTable()).toMatchObject({ count: 2 });
    expect([...plane.services()][0]?.counters).toMatchObject({ connections: 2, inPackets: 5 });
  });

  plainTest('leaves the timeout of such a state, though a packet of the state before was seen later', () => {
    const upgrade = createUpgrade({ testClock: true });
    arrange(upgrade, { service: web, servers: twoServers });
    const during = (ahead: bigint): void =>
      upgrade.maps().testClock.set(0, { value: process.hrtime.bigint() + ahead });
    during(0n);
    for (const flags of ['S', 'A']) upgrade.receive(segment(flags));
    const { plane } = upgrade.run({
      copied() {
        during(5_000_000_000n);
        upgrade.receive(segment('A'));
      },
      replaced: () => upgrade.receive(segment('FA')),
    });
    expect(statesOf(plane)).toEqual(['40001 FIN_WAIT']);
    const [connection] = plane.connections();
    expect(connection?.expiresInSeconds).toBeLessThan(130);
  });

  plainTest('takes a client port that is used again for its new connection', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: web, servers: twoServers });
    for (const flags of ['S', 'A', 'R']) upgrade.receive(segment(flags));
    const { plane } = upgrade.run({
      copied: () => ['S', 'A'].map((flags) => upgrade.receive(segment(flags))),
    });
    expect(statesOf(plane)).toEqual(['40001 ESTABLISHED']);
    expect(loadsOf(plane).map((load) => load.slice(-3))).toEqual(expect.arrayContaining(['0 0', '1 0']));
  });

  plainTest('counts connections under their templates, wherever either was made', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: `udp:${vip}:53`, servers: twoServers, persistent: 300 });
    upgrade.receive(datagram('10.0.0.200:5000'));
    const { plane, maps } = upgrade.run({
      copied() {
        upgrade.receive(datagram('10.0.0.200:5001'));
        upgrade.receive(datagram('10.0.0.201:5000'));
      },
      replaced() {
        upgrade.receive(datagram('10.0.0.200:5002'));
        upgrade.receive(datagram('10.0.0.202:5000'));
      },
    });
    const controlled = [...maps().templates.entries()].map(([, template]) => template.controlled).toSorted();
    expect(controlled).toEqual([1, 1, 3]);
    const serials = [...maps().templates.entries()].map(([, template]) => template.serial);
    expect(new Set(serials).size).toBe(3);
    expect(maps().pressure.get(0)).toMatchObject({ templates: 3, connections: 5 });
    expect([...plane.connections()].length).toBe(8);
  });

  plainTest(
    'counts connections under templates that are made while it reads, and seen a moment before by their clock',
    () => {
      const upgrade = createUpgrade({ testClock: true });
      arrange(upgrade, { service: `udp:${vip}:53`, servers: twoServers, persistent: 300 });
      let clients = 0;
      const another = (): void => {
        upgrade.maps().testClock.set(0, { value: process.hrtime.bigint() - lag });
        upgrade.receive(datagram(`10.${1 + (clients >> 8)}.0.${clients++ & 255}:5000`));
      };
      another();
      const { maps } = upgrade.run({ copying: another });
      expect(clients).toBeGreaterThan(10);
      const templates = [...maps().templates.entries()].map(([, template]) => template);
      expect(templates.map(({ controlled }) => controlled)).toEqual(templates.map(() => 1));
      expect(templates.length).toBe(clients);
    },
  );

  plainTest('takes both families, from tables and from outside of them', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: web, servers: twoServers });
    arrange(upgrade, { service: `tcp:[${vip6}]:80`, servers: { 'fd00::b': 1 } });
    const segment6 = (flags: string, port: number) =>
      tcp({ from: `[fd00::c8]:${port}`, to: `[${vip6}]:80`, flags });
    upgrade.receive(segment('S'));
    upgrade.receive(segment6('S', 40_001));
    drain(upgrade.maps().tableIpv4.clear(0)); // there is no table any more, and what lies in it has no entry
    drain(upgrade.maps().tableIpv6.clear(0));
    upgrade.receive(segment('S', '10.0.0.200:40002'));
    upgrade.receive(segment6('S', 40_002));
    expect(upgrade.maps().pressure.get(0).outside).toBe(2);
    const { plane, receive, maps } = upgrade.run({});
    expect(statesOf(plane)).toEqual(['40002 SYN_RECV', '40002 SYN_RECV']);
    expect(maps().pressure.get(0)).toMatchObject({ connections: 2, outside: 0 });
    for (const frame of [segment('A', '10.0.0.200:40002'), segment6('A', 40_002)])
      expect(receive(frame).fate).toBe('forwarded');
    expect(statesOf(plane)).toEqual(['40002 ESTABLISHED', '40002 ESTABLISHED']);
  });

  plainTest('keeps who talks to whom by Call-ID', () => {
    const upgrade = createUpgrade();
    const sip = { persistent: 300, engine: 'sip', scheduler: 'rr' } as const;
    arrange(upgrade, { service: `udp:${vip}:5060`, servers: twoServers, ...sip });
    const call = (id: string, from: string) =>
      udp({ from, to: `${vip}:5060`, text: `INVITE sip:bob SIP/2.0\r\nCall-ID: ${id}\r\n\r\n` });
    upgrade.receive(call('one@a', '10.0.0.200:5060'));
    const { plane, receive, maps } = upgrade.run({
      copied: () => upgrade.receive(call('two@a', '10.0.0.200:5061')),
    });
    for (const id of ['one@a', 'two@a']) receive(call(id, '10.0.0.200:5070'));
    receive(call('two@a', '10.0.0.200:5071'));
    const templates = [...maps().sipTemplates.entries()].map(([, { template }]) => template);
    expect(templates.map(({ controlled }) => controlled).toSorted()).toEqual([2, 2]);
    expect(loadsOf(plane)).toEqual(['10.0.0.11 0 2', '10.0.0.12 0 2']);
  });

  plainTest('brings the way back of translated connections, and what was not forwarded', () => {
    const upgrade = createUpgrade();
    arrange(upgrade, { service: web, servers: { '10.1.0.27:8080': translated } });
    upgrade.receive(segment('S'));
    upgrade.receive(segment('A', '10.0.0.200:40009'));
    const { plane, receive } = upgrade.run({
      copied: () => upgrade.receive(segment('A', '10.0.0.200:40009')),
    });
    const reply = tcp({ from: '10.1.0.27:8080', to: client, flags: 'SA', toMac: macOfInterface('eth1') });
    expect(receive(reply, 'eth1').fate).toBe('forwarded');
    expect(plane.notForwarded()['no_connection']).toMatchObject({
      packets: 2,
      example: { client: '10.0.0.200:40009' },
    });
  });
});

describe('the rehearsal of an upgrade', () => {
  beforeEach((context) => context.skip(obstacle() !== undefined, obstacle()));

  plainTest('refuses more mark rules than there is room for, before anything is done', () => {
    const upgrade = createUpgrade();
    const settings = upgrade.maps().settings;
    settings.set(0, { ...settings.get(0), markRules: [0, FlLimit.FL_LIMIT_MARK_RULES + 1] });
    expect(() => upgrade.rehearse()).toThrow(
      /carried over: it has 1025 mark rules, and there is room for 1024/,
    );
  });
});

type Between = {
  /** Between any two pieces of the copying. */
  readonly copying?: () => unknown;
  /** All has been copied, and the programs are still the other version's. */
  readonly copied?: () => unknown;
  /** The programs are ours. */
  readonly replaced?: () => unknown;
};

/** A data plane on a wire of its own, and what becomes of it. */
function createUpgrade({ testClock = false } = {}) {
  const wire = createWire();
  const { inside } = wire;
  const options = { connections: 4096, testClock, inside };
  let plane: BpfDataPlane = wire.inside(() => openBpfDataPlane(objectPath, options));
  onTestFinished(() => {
    plane.close();
    wire.remove();
  });
  const before = heldMaps(wire);
  for (const device of ['eth0', 'eth1']) wire.inside(() => plane.setHookMode(device, 'tc'));
  const receive = (frame: Uint8Array, device = 'eth0'): Passage =>
    wire.inside(() => {
      const index = listLinks().find(({ name }) => name === device)?.index ?? 0;
      const program = programById(queryTc(index, directorPlace) ?? 0);
      if (program === undefined) throw new Error(`nothing on ${device}`);
      try {
        return passageOf('tc', program, index)(frame);
      } finally {
        closeFd(program);
      }
    });
  const rehearse = () => {
    const settings = before.maps().settings;
    settings.set(0, { ...settings.get(0), abiVersion: FlLimit.FL_LIMIT_ABI_VERSION - 1 });
    plane.close();
    return wire.inside(() => rehearseBpfDataPlane(objectPath));
  };
  return {
    get plane() {
      return plane;
    },
    receive,
    maps: (): DirectorMaps => before.maps(),
    rehearse,
    run({ copying, copied, replaced }: Between) {
      const carry = rehearse();
      if (carry?.kind !== 'carry') throw new Error('there is nothing to carry over');
      for (const _ of carry.copy()) copying?.();
      copied?.();
      const settle = (): void => {
        replaced?.();
        carry.settle();
      };
      plane = wire.inside(() => openBpfDataPlane(objectPath, { inside, prepared: { ...carry, settle } }));
      before.close();
      const after = heldMaps(wire);
      onTestFinished(after.close);
      return { plane, receive, maps: after.maps };
    },
  };
}

/** By client port. */
function statesOf(plane: BpfDataPlane): readonly string[] {
  const line = ({ client: { port }, state }: ConnectionStatus): string => `${port} ${state}`;
  return [...plane.connections()].map(line).toSorted();
}

/** Active and inactive connections, by real server. */
function loadsOf(plane: BpfDataPlane): readonly string[] {
  const services = [...plane.services()];
  return services
    .flatMap(({ destinations }) => destinations)
    .map(
      ({ address, activeConnections, inactiveConnections }) =>
        `${address} ${activeConnections} ${inactiveConnections}`,
    )
    .toSorted();
}
