/** What clients do, each for some seconds. Pure. */

import { type Load, parseIperf, parseWrk } from './load-output.ts';
import type { Ports } from './rivals.ts';

export const loadNames = ['keep-alive', 'new connections', 'one at a time', 'download', 'upload'] as const;
export type LoadName = (typeof loadNames)[number];

export type LoadKind = {
  readonly name: LoadName;
  /** What is counted. */
  readonly unit: '/s' | 'B/s';
  argv(target: string, ports: Ports, seconds: number): readonly string[];
  readonly parse: (text: string) => Load;
};

const busyConnections = 64;

const web = (
  name: LoadName,
  threads: number,
  connections: number,
  headers: readonly string[] = [],
): LoadKind => ({
  name,
  unit: '/s',
  argv: (target, { http }, seconds) => [
    ...['wrk', '--latency', '--timeout', '10s', '-t', String(threads), '-c', String(connections)],
    ...['-d', `${seconds}s`, ...headers.flatMap((header) => ['-H', header]), `http://${target}:${http}/`],
  ],
  parse: parseWrk,
});

const bulk = (name: LoadName, words: readonly string[]): LoadKind => ({
  name,
  unit: 'B/s',
  argv: (target, { bulk }, seconds) => [
    ...['iperf3', '--client', target, '--port', String(bulk), '--time', String(seconds), '--parallel', '4'],
    ...['--json', ...words],
  ],
  parse: parseIperf,
});

export const loads: readonly LoadKind[] = [
  web('keep-alive', 2, busyConnections),
  web('new connections', 2, busyConnections, ['Connection: close']),
  web('one at a time', 1, 1),
  bulk('download', ['--reverse']),
  bulk('upload', []),
];
