/** What leaves this host is looked at where a real server is this host itself, or may be: from before it is one, and nowhere else. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type BpfDataPlane, openBpfDataPlane } from '../../src/dataplane/bpf/dataplane.ts';
import { directorPlace } from '../../src/dataplane/bpf/place.ts';
import type { HookMode } from '../../src/ipvs/interface.ts';
import { detachTc, queryTc, type TcDirection } from '../../src/linux/bpf-hook.ts';
import { closeFd, programById } from '../../src/linux/bpf-program.ts';
import { listLinks } from '../../src/linux/links.ts';
import { arrange, editServer, translated, web } from '../support/arrange.ts';
import { tcp } from '../support/packet.ts';
import { passageOf } from '../support/passage.ts';
import { obstacle } from '../support/privileged.ts';
import { createWire } from '../support/wire.ts';
import { vip } from '../support/world.ts';

const objectAt = (name: string): string => fileURLToPath(new URL(`../../bpf/${name}.bpf.o`, import.meta.url));
const [objectPath, ceilingPath] = [objectAt('director'), objectAt('ceiling')];
const elsewhere = { service: web, servers: { '10.0.0.11': 1 } };
const masqueraded = { service: web, servers: { '10.1.0.27:8080': translated } };
const ownAddress = '10.0.0.2';
const here = { service: web, servers: { [ownAddress]: 1 } };
const everywhere = ['eth0', 'eth1'];

beforeEach((context) => context.skip(obstacle() !== undefined, obstacle()));

test('no interface has the filter while all real servers are elsewhere and answer by themselves', () => {
  const director = createDirector();
  arrange(director, elsewhere);
  director.look();
  expect(director.looksOutOf()).toEqual([]);
  expect(director.bare()).toEqual([]);
});

test.each([
  ['a masqueraded one', masqueraded],
  ['one that is this host', here],
])('every interface has it with the first such real server: %s', (_, arrangement) => {
  const director = createDirector();
  arrange(director, arrangement);
  expect(director.looksOutOf()).toEqual(everywhere);
});

test('a real server has it that is masqueraded from now on', () => {
  const director = createDirector();
  arrange(director, elsewhere);
  director.edit('masq');
  expect(director.looksOutOf()).toEqual(everywhere);
});

test('where it cannot be put on an interface, the change is refused as a whole', () => {
  const director = createDirector();
  arrange(director, elsewhere);
  director.occupy('eth1');
  expect(() => director.edit('masq')).toThrow(
    /^The hook cannot be attached to this interface: on the way out: eth1: A system call failed: bpf_tc_attach/,
  );
  expect(director.methods()).toEqual(['gate']);
  expect(director.looksOutOf()).toEqual([]);
});

test('it is taken off once no real server needs it, and no connection of one is left', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.plane.removeAllServices();
  director.look();
  expect(director.looksOutOf()).toEqual(everywhere);
  director.forget();
  director.look();
  expect(director.looksOutOf()).toEqual([]);
});

test('an address of a real server that comes to this host is noticed, and so is its first connection', () => {
  const director = createDirector();
  arrange(director, elsewhere);
  director.wire.ip('address add 10.0.0.11/32 dev eth1');
  director.look();
  expect(director.looksOutOf()).toEqual(everywhere);

  // A prefix that is delivered here is no address of any interface.
  const other = createDirector();
  arrange(other, { service: web, servers: { '10.9.0.1': 1 } });
  other.wire.ip('route add local 10.9.0.0/16 dev lo');
  other.look();
  expect(other.looksOutOf()).toEqual([]);
  other.receive(tcp({ from: '10.0.0.200:40001', to: `${vip}:80`, flags: 'S' }));
  other.look(false);
  expect(other.looksOutOf()).toEqual(everywhere);
});

test('an interface that comes later has it, too', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.wire.ip('link add late type veth peer name far');
  director.look(false);
  expect(director.looksOutOf()).toEqual([...everywhere, 'far', 'late']);
});

test('an interface that it cannot be put on directs what comes in all the same, and what is in the way is said', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.wire.ip('link add late type veth peer name far');
  director.tc('qdisc add dev late clsact');
  director.occupy('late');
  const said = director.wire.inside(() => director.plane.refreshInterfaces());
  expect(said).toEqual([expect.stringMatching(/^late: A system call failed: bpf_tc_attach/)]);
  expect(director.directs()).toEqual([...everywhere, 'far', 'late']);
  director.wire.inside(() => director.plane.unload());
  expect(director.directs()).toEqual([]);
});

test('an interface that is to direct again, and that it cannot be put on, stays as it was', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.setMode('eth1', 'off');
  director.occupy('eth1');
  expect(() => director.setMode('eth1', 'tc')).toThrow(
    /^The hook cannot be attached to this interface: eth1: A system call failed: bpf_tc_attach/,
  );
  expect(director.directs()).toEqual(['eth0']);
  director.restart();
  expect(director.directs()).toEqual(['eth0']);
});

test('one that somebody has taken off is missed, and put back', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.takeOff('eth0');
  expect(director.bare()).toEqual(['eth0']);
  director.look();
  expect(director.looksOutOf()).toEqual(everywhere);
});

test('the next daemon leaves it where it is needed, and takes it off where it is not', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.restart();
  expect(director.looksOutOf()).toEqual(everywhere);
  director.takeOff('eth0'); // as by a daemon that was killed while it put them on
  director.restart();
  expect(director.looksOutOf()).toEqual(everywhere);

  director.plane.removeAllServices();
  director.forget();
  director.restart();
  expect(director.looksOutOf()).toEqual([]);
});

test('it goes with all else', () => {
  const director = createDirector();
  arrange(director, masqueraded);
  director.wire.inside(() => director.plane.unload());
  expect(director.looksOutOf()).toEqual([]);
});

/** A data plane on a wire of its own, and what a daemon does with it. */
function createDirector() {
  const wire = createWire();
  const { inside } = wire;
  const options = { connections: 4096, testClock: true, inside };
  const open = (): BpfDataPlane => inside(() => openBpfDataPlane(objectPath, options));
  let plane = open();
  let now = 0n;
  onTestFinished(() => {
    plane.close();
    wire.remove();
  });
  const advance = (seconds: number): void => {
    now += BigInt(seconds) * 1_000_000_000n;
    plane.setTestClock(now);
  };
  advance(1000);
  const indexOf = (device: string): number =>
    inside(listLinks).find(({ name }) => name === device)?.index ?? 0;
  const tc = (words: string): void => {
    inside(() => execFileSync('tc', words.split(' ')));
  };
  /** Interfaces that have a filter of the director's. */
  const having = (direction: TcDirection): readonly string[] =>
    inside(() => listLinks().filter(({ index }) => queryTc(index, directorPlace, direction) !== undefined))
      .map(({ name }) => name)
      .filter((name) => name !== 'lo')
      .toSorted();
  return {
    wire,
    tc,
    get plane() {
      return plane;
    },
    /** What it does twice a second; with `verify`, each fourth time. */
    look(verify = true): void {
      expect(inside(() => plane.refreshInterfaces(verify))).toEqual([]);
    },
    edit: (method: 'gate' | 'masq'): void => editServer({ plane }, web, '10.0.0.11', { method }),
    setMode: (device: string, mode: HookMode): void => inside(() => plane.setHookMode(device, mode)),
    methods: () =>
      [...plane.services()].flatMap(({ destinations }) => destinations.map(({ method }) => method)),
    /** Interfaces that have the filter. */
    looksOutOf: (): readonly string[] => having('egress'),
    /** Those at which it sees what comes in. */
    directs: (): readonly string[] => having('ingress'),
    /** Somebody else's filter stands there. */
    occupy: (device: string): void =>
      tc(
        `filter add dev ${device} egress pref ${directorPlace.priority} protocol ip bpf direct-action obj ${ceilingPath} sec tc`,
      ),
    bare: (): readonly string[] => inside(() => plane.bareInterfaces()),
    takeOff: (device: string): void => inside(() => detachTc(indexOf(device), directorPlace, 'egress')),
    receive: (frame: Uint8Array): void =>
      inside(() => {
        const program = programById(queryTc(indexOf('eth0'), directorPlace) ?? 0);
        if (program === undefined) throw new Error('nothing on eth0');
        passageOf('tc', program, indexOf('eth0'))(frame);
        closeFd(program);
      }),
    /** Deleted real servers' time is over. */
    forget(): void {
      advance(200);
      plane.purge();
    },
    restart(): void {
      plane.close();
      plane = open();
    },
  };
}
