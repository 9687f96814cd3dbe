/** Packets, bytes and connections as real IPVS counted them: counters.jsonl, replayed packet by packet. */

import { describe, expect } from 'vitest';
import { destinationKeyText, serviceKeyText } from '../../src/ipvs/service.ts';
import { addServer, arrange, removeServer, removeService } from '../support/arrange.ts';
import { readGolden } from '../support/golden.ts';
import { tcp, udp } from '../support/packet.ts';
import { hooks, type Player } from '../support/player.ts';
import { test } from '../support/test.ts';

type Step = { readonly group: string; readonly cmd: string; readonly stdout: string };
/** A listing as a set of lines: what real IPVS printed of it, and what there is of it here. */
type View = {
  readonly printed: (stdout: string) => readonly string[];
  readonly here: (player: Player) => readonly string[];
};

const golden = readGolden<Step>('counters.jsonl');
const replayed = [
  ['small-numbers', 16],
  ['tcp', 12],
  ['persistent', 5],
] as const;
const notReplayed: Readonly<Record<string, string>> = {
  'rate: at the end of 4000 datagrams of 100 bytes, one every 10 ms':
    'src/director/estimator.test.ts has them',
  'rate: 10 s later': 'src/director/estimator.test.ts has them',
};

const counters: View = {
  printed: (stdout) =>
    linesOf(stdout, /^(?:TCP |UDP | {2}->) +(\S+:\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$/),
  here: ({ plane }) =>
    [...plane.services()]
      .flatMap((service) => [
        { ...service, key: serviceKeyText(service).replace(/^\w+:/, '') },
        ...service.destinations.map((server) => ({ ...server, key: destinationKeyText(server) })),
      ])
      .map(({ key, counters: { connections, inPackets, outPackets, inBytes, outBytes } }) =>
        [key, connections, inPackets, outPackets, inBytes, outBytes].join(' '),
      ),
};
const bound: View = {
  printed: (stdout) => linesOf(stdout, /^ {2}-> (\S+:\d+) +Route +\d+ +(\d+) +(\d+) *$/),
  here: ({ plane }) =>
    [...plane.services()]
      .flatMap(({ destinations }) => destinations)
      .map((server) =>
        [destinationKeyText(server), server.activeConnections, server.inactiveConnections].join(' '),
      ),
};
const boundByTemplates: View = {
  printed: (stdout) => linesOf(stdout, /^ {2}-> (\S+:\d+) +(\d+) +(\d+) +(\d+) +(\d+) *$/),
  here: ({ plane }) =>
    [...plane.services()]
      .flatMap(({ destinations }) => destinations)
      .map((server) =>
        [
          ...[destinationKeyText(server), server.weight, server.persistentConnections],
          ...[server.activeConnections, server.inactiveConnections],
        ].join(' '),
      ),
};
const connections: View = {
  printed: (stdout) => linesOf(stdout, /^(?:TCP|UDP) \d+:\d+ +(\S+) +(\S+) +(\S+) +(\S+)$/),
  here: ({ plane }) =>
    [...plane.connections()].map(({ state, client, virtual, destination }) =>
      [state, ...[client, virtual, destination].map(destinationKeyText)].join(' '),
    ),
};
/** Listings by their options. Other doors to the same numbers (/proc, --thresholds) are left out. */
const views: Readonly<Record<string, View>> = {
  '-Ln': bound,
  '-Ln --stats': counters,
  '-Ln --stats --exact': counters,
  '-Ln --persistent-conn': boundByTemplates,
  '-Lcn': connections,
  '-Lcn --persistent-conn': connections,
};

test('every group of the golden is replayed, or there is a reason why not', () => {
  expect([...new Set(golden.map(({ group }) => group))].sort()).toEqual(
    [...replayed.map(([group]) => group), ...Object.keys(notReplayed)].sort(),
  );
});

describe.for(hooks)('with %s in front', (hook) => {
  test.for(replayed)('%s, %i listings', ([group, count], { players }) => {
    const player = players[hook];
    let compared = 0;
    // Real IPVS shows what it had counted at its last estimation, up to two seconds before.
    let settled = true;
    for (const { cmd, stdout } of golden.filter((step) => step.group === group)) {
      if (cmd.startsWith('@')) {
        settled = cmd.startsWith('@sleep');
        if (!settled) replayTraffic(player, cmd);
      }
      const words = cmd.replace(/^ipvsadm\s+/, '').replace(/\s+/g, ' ');
      const view = views[words];
      if (/^-[ACDZad]\b/.test(words)) configure(player, words.split(' '));
      else if (view && (settled || view !== counters)) {
        expect([...view.here(player)].sort(), cmd).toEqual([...view.printed(stdout)].sort());
        compared++;
      }
    }
    expect(compared).toBe(count);
  });
});

function linesOf(stdout: string, pattern: RegExp): readonly string[] {
  return stdout.split('\n').flatMap((line) => pattern.exec(line)?.slice(1).join(' ') ?? []);
}

/** `-a -u 10.0.0.100:53 -r 10.0.0.11:53 -g` and its like. */
function configure(
  player: Player,
  [command, protocol, address, option, value = '', ...more]: readonly string[],
): void {
  const service = `${protocol === '-t' ? 'tcp' : 'udp'}:${address}`;
  const server = value.split(':')[0] ?? '';
  switch (command) {
    case '-A':
      if (option !== '-s' || value !== 'rr') throw new Error(`scheduler ${value}`);
      arrange(player, { service, servers: {}, ...(more[0] === '-p' && { persistent: Number(more[1]) }) });
      break;
    case '-a':
      addServer(player, service, server);
      break;
    case '-d':
      removeServer(player, service, server);
      break;
    case '-D':
      removeService(player, service);
      break;
    case '-Z':
      for (const key of player.plane.services()) {
        if (!address || serviceKeyText(key) === service) player.plane.zero(key);
      }
      break;
    case '-C':
      for (const key of player.plane.services()) player.plane.removeService(key);
      break;
    default:
      throw new Error(`ipvsadm ${command}`);
  }
}

/** `@udp src=… dst=… payload=18 count=3`, `@tcp src=… dst=… segments=S,A,PA100`. */
function replayTraffic(player: Player, words: string): void {
  const fields = Object.fromEntries(words.split(' ').map((word) => word.split('=')));
  const ends = { from: fields['src'] ?? '', to: fields['dst'] ?? '' };
  if (words.startsWith('@udp')) {
    const datagram = udp({ ...ends, payload: Number(fields['payload']) });
    for (let sent = 0; sent < Number(fields['count']); sent++) player.receive(datagram);
    return;
  }
  for (const segment of (fields['segments'] ?? '').split(',')) {
    const [, flags = '', payload] = /^([A-Z]+)(\d*)$/.exec(segment) ?? [];
    player.receive(tcp({ ...ends, flags, payload: Number(payload) }));
  }
}
