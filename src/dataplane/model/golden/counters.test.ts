/** Commands and traffic of counters.jsonl, and what the listings then showed. */

import { describe, expect, it } from 'vitest';
import { readGolden } from '../../../../test/support/golden.ts';
import { tcp, udp } from '../../../../test/support/packet.ts';
import { endpointText } from '../../../ipvs/address.ts';
import { createModel, type Model } from '../model.ts';
import { ipvsadm } from './commands.ts';
import { createGoldenWorld, type GoldenWorld } from './world.ts';

type Line = { readonly group: string; readonly cmd: string; readonly stdout: string; readonly code: number };
type Bench = { readonly world: GoldenWorld; readonly model: Model };

const lines = readGolden<Line>('counters.jsonl');
const groups = [...new Set(lines.map(({ group }) => group))].filter((group) => !group.startsWith('rate'));

describe('counters, and connections bound', () => {
  it.each(groups)('%s', (group) => {
    const world = createGoldenWorld();
    const bench = { world, model: createModel(world) };
    let settled = true;
    for (const { cmd, stdout, code } of lines.filter((line) => line.group === group)) {
      // The numbers of --stats follow the packets within two seconds.
      if (cmd.startsWith('@')) settled = cmd.startsWith('@sleep');
      if (cmd.startsWith('!') || code !== 0 || (cmd.includes('--stats') && !settled)) continue;
      if (cmd.startsWith('ipvsadm -L')) expect(listed(bench, cmd), cmd).toEqual(rowsOf(stdout));
      else carryOut(bench, cmd);
    }
  });
});

function carryOut({ world, model }: Bench, cmd: string): void {
  const wordAfter = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(cmd)?.[1] ?? '';
  const ends = { from: wordAfter('src'), to: wordAfter('dst') };
  if (cmd.startsWith('@sleep')) {
    world.wait(Number(wordAfter('seconds')));
    model.sweep();
  } else if (cmd.startsWith('@udp')) {
    const frame = udp({ ...ends, payload: Number(wordAfter('payload')) });
    for (let sent = 0; sent < Number(wordAfter('count')); sent++) model.receive('tc', 2, frame);
  } else if (cmd.startsWith('@tcp')) {
    for (const segment of wordAfter('segments').split(',')) {
      const [, flags = '', payload = '0'] = /^([A-Z]+)(\d*)$/.exec(segment) ?? [];
      model.receive('tc', 2, tcp({ ...ends, flags, payload: Number(payload) }));
    }
  } else if (cmd.startsWith('ipvsadm -Z')) {
    for (const key of model.serviceKeys()) model.zero(key);
  } else ipvsadm(model, cmd);
}

/** What is listed, by the words of a row that are no labels. */
function listed({ model }: Bench, cmd: string): readonly string[] {
  if (cmd.includes('-Lcn')) return connectionsOf(model);
  const rows = model.services().flatMap((service) => {
    const own = 'address' in service ? endpointText(service.address, service.port) : '';
    const servers = service.destinations.map((server) => {
      const { weight, upperThreshold, lowerThreshold, counters } = server;
      const bound = [server.activeConnections, server.inactiveConnections];
      const name = endpointText(server.address, server.port);
      if (cmd.includes('--stats')) return [name, ...numbersOf(counters)];
      if (cmd.includes('--thresholds')) return [name, upperThreshold, lowerThreshold, ...bound];
      if (cmd.includes('--persistent-conn')) return [name, weight, server.persistentConnections, ...bound];
      return [name, 'Route', weight, ...bound];
    });
    return [[own, ...(cmd.includes('--stats') ? numbersOf(service.counters) : [])], ...servers];
  });
  return rows.map((row) => row.join(' ')).sort();
}

function numbersOf(counters: Readonly<Record<string, number>>): readonly (number | undefined)[] {
  return ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'].map((name) => counters[name]);
}

/** Without their seconds. */
function connectionsOf(model: Model): readonly string[] {
  const rows = [...model.connections()].map(({ state, client, virtual, destination }) =>
    [state, ...[client, virtual, destination].map(({ address, port }) => endpointText(address, port))].join(
      ' ',
    ),
  );
  return rows.sort();
}

function rowsOf(stdout: string): readonly string[] {
  const rows = stdout.split('\n').map((line) => line.trim().split(/ +/));
  return rows
    .filter(([first = '', second = '']) => /^(->|TCP|UDP)$/.test(first) && /\d/.test(second))
    .map(([, second, ...words]) => {
      if (/^\d+:\d\d$/.test(second ?? '')) return words.join(' ');
      const numbers = words.filter((word) => /^\d+$/.test(word) || word === 'Route');
      return [second, ...(words[0] === 'rr' ? [] : numbers)].join(' ');
    })
    .sort();
}
