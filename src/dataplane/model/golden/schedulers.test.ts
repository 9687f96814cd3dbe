/** Which real server each new connection gets, as real IPVS gave them out. */

import { describe, expect, it } from 'vitest';
import { type GoldenEdits, type GoldenSequence, readGolden } from '../../../../test/support/golden.ts';
import { tcp } from '../../../../test/support/packet.ts';
import { createModel, type Model } from '../model.ts';
import { ipvsadm } from './commands.ts';
import { createGoldenWorld } from './world.ts';

const service = '-t 10.0.0.100:80';
const eth0 = 2;

function createService(scheduler: string, flags: string, weights: readonly number[]): Model {
  const model = createModel(createGoldenWorld());
  ipvsadm(model, `-A ${service} -s ${scheduler}${flags && ` -b ${flags}`}`);
  weights.forEach((weight, index) => {
    ipvsadm(model, `-a ${service} -r 10.0.0.${11 + index}:80 -g -w ${weight}`);
  });
  return model;
}

/** Segments from one source, and the real server that has the connection then; `null` where there is none. */
function connect(model: Model, from: string, segments: readonly string[]): string | null {
  for (const flags of segments) model.receive('tc', eth0, tcp({ from, to: '10.0.0.100:80', flags }));
  const entries = [...model.connections()];
  const entry = entries.find(({ client }) => `${client.address}:${client.port}` === from);
  return entry ? nameOf(entry.destination.address) : null;
}

function nameOf(address: string): string {
  return `rs${Number(address.split('.')[3]) - 10}`;
}

const recorded = readGolden<GoldenSequence>('schedulers.jsonl');
// twos draws lots: real IPVS itself answers differently from run to run.
const sequences = recorded.filter(({ scheduler }) => scheduler !== 'twos');
const draws = recorded.filter(({ scheduler }) => scheduler === 'twos');
const edits = readGolden<GoldenEdits>('edits.jsonl');

it('the goldens are all there', () => {
  expect([sequences.length, draws.length, edits.length]).toEqual([123, 7, 35]);
});

/** Before the next connection a closed one is in FIN_WAIT: inactive. */
const segmentsOf = { closed: ['S', 'A', 'FA', 'A'], open: ['S', 'A'] };

describe('40 connections', () => {
  it.each(
    sequences.map(
      (line) => [`${line.scheduler} ${line.flags} ${line.weights.join(',')}, ${line.mode}`, line] as const,
    ),
  )('by %s', (_, line) => {
    const model = createService(line.scheduler, line.flags, line.weights);
    const from = (index: number): string =>
      `10.0.0.${line.clients === 'one' ? 10 : 21 + index}:${40001 + index}`;
    const got = line.sequence.map((__, index) => connect(model, from(index), segmentsOf[line.mode]));
    expect(got).toEqual(line.sequence.map((name) => (name.startsWith('rs') ? name : null)));
    expect(boundOf(model)).toEqual(line.active_inactive_at_end);
  });

  it.each(draws.map((line) => [`${line.weights.join(',')}, ${line.mode}`, line] as const))(
    'by twos %s: nobody without weight is chosen, all others are',
    (_, line) => {
      const model = createService('twos', '', line.weights);
      const got = Array.from({ length: 400 }, (__, port) =>
        connect(model, `10.0.0.10:${port + 1001}`, ['S']),
      );
      const eligible = line.weights.flatMap((weight, index) => (weight > 0 ? [`rs${index + 1}`] : []));
      expect([...new Set(got)].sort()).toEqual(eligible);
    },
  );
});

/** ActiveConn and InActConn by name. */
function boundOf(model: Model): Readonly<Record<string, readonly number[]>> {
  const [listed] = model.services();
  const bound = (listed?.destinations ?? []).map(
    ({ address, activeConnections, inactiveConnections }) =>
      [nameOf(address), [activeConnections, inactiveConnections]] as const,
  );
  return Object.fromEntries(bound);
}

describe('while real servers come, go and change their weights', () => {
  it.each(edits.map((line) => [described(line), line] as const))('%s', (_, line) => {
    const model = createService(line.scheduler, '', line.weights);
    let port = 40000;
    for (const step of line.steps) {
      if ('ipvsadm' in step) ipvsadm(model, step.ipvsadm.replace('SERVICE', service));
      else expect(step.servers.map(() => connect(model, `10.0.0.10:${++port}`, ['S']))).toEqual(step.servers);
    }
  });
});

function described({ scheduler, weights, steps }: GoldenEdits): string {
  const words = steps.map((step) =>
    'ipvsadm' in step ? step.ipvsadm.replace('SERVICE ', '') : `${step.connections} connections`,
  );
  return `${scheduler} ${weights.join(',')}: ${words.join(', then ')}`;
}
