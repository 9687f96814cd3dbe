/** Which real server each new connection gets, packet by packet, as real IPVS gave them out. */

import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { flagsNamed } from '../../src/ipvs/flag-names.ts';
import { type Scheduler, type SchedulerFlag, schedulers } from '../../src/ipvs/schedulers.ts';
import {
  addServer,
  arrange,
  editServer,
  oneServer,
  removeServer,
  setScheduler,
  web,
} from '../support/arrange.ts';
import { type GoldenEdits, type GoldenSequence, readGolden } from '../support/golden.ts';
import { tcp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';
import { vip } from '../support/world.ts';

const isOurs = (name: string): name is Scheduler => schedulers.some((known) => known === name);
const recorded = readGolden<GoldenSequence>('schedulers.jsonl').filter(({ scheduler }) => isOurs(scheduler));
// twos draws lots: real IPVS itself answers differently from run to run.
const sequences = recorded.filter(({ scheduler }) => scheduler !== 'twos');
const draws = recorded.filter(({ scheduler }) => scheduler === 'twos');
const edits = readGolden<GoldenEdits>('edits.jsonl');

function flagsOf({ scheduler, flags }: GoldenSequence): readonly SchedulerFlag[] {
  const named = flagsNamed(scheduler, flags === '' ? [] : flags.split(','));
  if ('unknown' in named) throw new Error(`${scheduler} has no ${named.unknown}`);
  return named.flags;
}

const addressOf = (name: string): string => `10.0.0.${Number(name.slice(2)) + 10}`;
const nameOf = (address: string): string => `rs${Number(address.split('.')[3]) - 10}`;
const named = (weights: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(weights.map((weight, index) => [addressOf(`rs${index + 1}`), weight]));

/** Segments from one source. */
function send(player: Player, from: string, segments: readonly string[]): void {
  for (const flags of segments) player.receive(tcp({ from, to: `${vip}:80`, flags }));
}

/** Connects from one source after the other; the real servers that have the connections then, `null` where there is none. */
function connect(
  player: Player,
  sources: readonly string[],
  segments: readonly string[],
): readonly (string | null)[] {
  for (const from of sources) send(player, from, segments);
  const chosen = new Map(
    [...player.plane.connections()].map(({ client, destination }) => [
      `${client.address}:${client.port}`,
      nameOf(destination.address),
    ]),
  );
  return sources.map((from) => chosen.get(from) ?? null);
}

test('the goldens are all there', () => {
  const counts = schedulers.map((name) => [
    name,
    recorded.filter(({ scheduler }) => scheduler === name).length,
  ]);
  expect(Object.fromEntries(counts)).toEqual({
    ...{ rr: 3, wrr: 4, wlc: 6, lc: 7, sed: 3, nq: 6, fo: 7, ovf: 4 },
    ...{ lblc: 5, lblcr: 9, dh: 9, sh: 27, mh: 33, twos: 7, none: 0 },
  });
  expect(recorded.every(({ sequence }) => sequence.length === 40)).toBe(true);
  expect(edits.length).toBe(35);
});

describe.for(hooks)('with %s in front', (hook) => {
  test.for(
    sequences.map(
      (line) => [`${line.scheduler} ${line.flags} ${line.weights.join(',')}, ${line.mode}`, line] as const,
    ),
  )('40 connections by %s', ([, line], { players }) => {
    const player = players[hook];
    const scheduler = isOurs(line.scheduler) ? line.scheduler : undefined;
    const flags = flagsOf(line);
    arrange(player, { service: web, servers: named(line.weights), flags, ...(scheduler && { scheduler }) });
    // Before the next connection a closed one is in FIN_WAIT: inactive.
    const segments = line.mode === 'closed' ? ['S', 'A', 'FA', 'A'] : ['S', 'A'];
    const from = (index: number): string =>
      line.clients === 'one' ? `10.0.0.10:${40001 + index}` : `10.0.0.${21 + index}:${40001 + index}`;
    const sources = line.sequence.map((_, index) => from(index));
    const got = connect(player, sources, segments);
    // An error's name stands for a connection that was refused.
    expect(got).toEqual(line.sequence.map((name) => (name.startsWith('rs') ? name : null)));
    expect(boundOf(player)).toEqual(line.active_inactive_at_end);
  });

  test.for(draws.map((line) => [`${line.weights.join(',')}, ${line.mode}`, line] as const))(
    'twos %s: nobody without weight is chosen, and real IPVS and Fairlead share out alike',
    ([, line], { players }) => {
      const player = players[hook];
      arrange(player, { service: web, scheduler: 'twos', servers: named(line.weights) });
      const segments = line.mode === 'closed' ? ['S', 'A', 'FA', 'A'] : ['S', 'A'];
      const rounds = 10;
      for (let port = 1; port <= rounds * line.sequence.length; port++)
        send(player, `10.0.0.10:${2000 + port}`, segments);
      const bound = Object.entries(boundOf(player)).map(([name, counts]) => [name, sum(counts)] as const);
      for (const [name, count] of bound) {
        const share = sum(line.active_inactive_at_end[name] ?? []) / line.sequence.length;
        // 40 connections were recorded: their own scatter is about 0.08, and three times that is allowed.
        expect(Math.abs(count / (rounds * line.sequence.length) - share), name).toBeLessThan(0.25);
        if (share === 0) expect(count, name).toBe(0);
      }
    },
  );

  test.for(edits.map((line) => [described(line), line] as const))('%s', ([, line], { players }) => {
    const player = players[hook];
    arrange(player, { service: web, scheduler: line.scheduler, servers: named(line.weights) });
    let port = 40000;
    for (const step of line.steps) {
      if ('ipvsadm' in step) apply(player, step.ipvsadm);
      else {
        const sources = step.servers.map(() => `10.0.0.10:${++port}`);
        expect(connect(player, sources, ['S'])).toEqual(step.servers);
      }
    }
  });

  // Asked of real IPVS (Linux 6.1, tools/real-ipvs).
  test('wlc: an active connection weighs as much as 256 inactive ones', ({ players }) => {
    const player = players[hook];
    arrange(player, { ...oneServer, scheduler: 'wlc' });
    for (let port = 1; port <= 256; port++) send(player, `10.0.0.10:${2000 + port}`, ['S', 'FA']);
    addServer(player, web, '10.0.0.12');
    const sources = [1001, 1002, 1003, 1004].map((port) => `10.0.0.10:${port}`);
    const got = connect(player, sources, ['S']);
    // 0 < 256; a tie, which goes to the newer; 512 > 256; a tie.
    expect(got).toEqual(['rs2', 'rs2', 'rs1', 'rs2']);
  });

  test('wrr: a full round gives each real server as many connections as it weighs', ({ players }) => {
    const player = players[hook];
    fc.assert(
      fc.property(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), (weights) => {
        arrange(player, { service: web, scheduler: 'wrr', servers: named(weights) });
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let port = 1; port <= total; port++) send(player, `10.0.0.10:${2000 + port}`, ['S']);
        const wanted = Object.fromEntries(weights.map((weight, index) => [`rs${index + 1}`, [weight, 0]]));
        expect(boundOf(player)).toEqual(wanted);
        player.clear();
      }),
      { numRuns: 40 },
    );
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** ActiveConn and InActConn by name. */
function boundOf({ plane }: Player): Readonly<Record<string, readonly number[]>> {
  const [service] = plane.services();
  const bound = (service?.destinations ?? []).map(
    (server) => [nameOf(server.address), [server.activeConnections, server.inactiveConnections]] as const,
  );
  return Object.fromEntries(bound);
}

function described({ scheduler, weights, steps }: GoldenEdits): string {
  const words = steps.map((step) =>
    'ipvsadm' in step ? step.ipvsadm.replace('SERVICE ', '') : `${step.connections} connections`,
  );
  return `${scheduler} ${weights.join(',')}: ${words.join(', then ')}`;
}

/** `-e SERVICE -r 10.0.0.11 -w 1` and its like. */
function apply(player: Player, words: string): void {
  const [command, , option, value = '', , weight] = words.split(' ');
  if (command === '-E' && option === '-s' && isOurs(value)) setScheduler(player, web, value);
  else if (command === '-a') addServer(player, web, value, Number(weight));
  else if (command === '-e') editServer(player, web, value, Number(weight));
  else if (command === '-d') removeServer(player, web, value);
  else throw new Error(`ipvsadm ${words}`);
}
