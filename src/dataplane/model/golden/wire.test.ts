/** What real IPVS put on the wire, octet by octet, and what it had counted and kept at the end. */

import { describe, expect, it } from 'vitest';
import { readGolden } from '../../../../test/support/golden.ts';
import { endpointText } from '../../../ipvs/address.ts';
import type { Counters } from '../../../ipvs/service.ts';
import type { Model } from '../model.ts';
import { knownDifference } from './differences.ts';
import {
  type Case,
  type CountsLeft,
  masked,
  openCase,
  type Replay,
  type Sent,
  type ServiceLeft,
  type Step,
  sentBy,
} from './wire-case.ts';

const cases = readGolden<Case>('wire.jsonl');

describe('as real IPVS', () => {
  const alike = cases.filter(({ name }) => !knownDifference(name));
  it.each(alike.map((line) => [line.name, line] as const))('%s', (_, line) => replay(line));
});

describe('otherwise than real IPVS', () => {
  const different = cases.filter(({ name }) => knownDifference(name));
  it.each(different.map((line) => [`${line.name}: ${knownDifference(line.name)}`, line] as const))(
    '%s',
    (_, line) => expect(() => replay(line)).toThrow(),
  );
});

function replay(line: Case): void {
  const bench = openCase(line);
  for (const step of line.steps) replayStep(bench, step);
  bench.model.sweep();
  expect(entriesOf(bench.model)).toEqual(line.left.entries.map(timeless).sort());
  expect(servicesOf(bench.model)).toEqual(line.left.services.map(serviceText).sort());
}

function replayStep(bench: Replay, step: Step): void {
  const { run, sleep, in: dev = '', frame = '', out = [], error, entries } = step;
  bench.world.wait(sleep ?? 0.02);
  if (sleep !== undefined) everySecond(bench);
  if (run !== undefined && error === undefined) bench.command(run);
  if (run !== undefined || sleep !== undefined) return;
  const outcome = bench.receive(dev, frame);
  if (outcome.fate === 'stack') expect(out.filter((sent) => !isByTheHost(bench, sent, frame))).toEqual([]);
  else expect(sentBy(bench.world, outcome).map((sent, index) => maskedLike(sent, out[index]))).toEqual(out);
  if (entries) expect(entriesOf(bench.model)).toEqual(entries.map(timeless).sort());
}

/** What a daemon does. */
function everySecond({ model }: Replay): void {
  model.sweep();
  model.defend(1_000_000);
}

function maskedLike(sent: Sent, golden: Sent | undefined): Sent {
  const offsets = golden?.masked;
  return { ...sent, frame: masked(sent.frame, offsets), ...(offsets && { masked: offsets }) };
}

/** The host's own stack answers, by its way out, or routes the packet as any router does. */
function isByTheHost(bench: Replay, sent: Sent, received: string): boolean {
  const { source, target } = endsOf(received);
  const to = endsOf(sent.frame);
  if (to.target === source) return bench.leave(sent.dev, sent.frame);
  return to.source === source && to.target === target;
}

/** In hexadecimal. */
function endsOf(frame: string): { readonly source: string; readonly target: string } {
  const [at, length] = frame.slice(24, 28) === '0800' ? [52, 8] : [44, 32];
  return { source: frame.slice(at, at + length), target: frame.slice(at + length, at + 2 * length) };
}

function timeless(entry: Case['left']['entries'][number]): string {
  const { protocol, state, client, virtual, destination, pe_data: data = '' } = entry;
  return [protocol, state, client, virtual, destination, data].join(' ');
}

function entriesOf(model: Model): readonly string[] {
  const texts = [...model.connections()].map(({ protocol, state, client, virtual, destination, engine }) => {
    const ends = [client, virtual, destination].map(({ address, port }) => endpointText(address, port));
    return [protocol.toUpperCase(), state, ...ends, engine?.data ?? ''].join(' ');
  });
  return texts.sort();
}

/** `1 2/80 1/40`: connections, packets and octets from the client, and to it. */
function countersText({ connections, inPackets, inBytes, outPackets, outBytes }: Counters): string {
  return `${connections} ${inPackets}/${inBytes} ${outPackets}/${outBytes}`;
}

function countsText({ conns, in_packets, in_bytes, out_packets, out_bytes }: CountsLeft): string {
  return `${conns} ${in_packets}/${in_bytes} ${out_packets}/${out_bytes}`;
}

function servicesOf(model: Model): readonly string[] {
  const texts = model.services().map(({ counters, destinations }) => {
    const servers = destinations.map(
      (server) =>
        `${endpointText(server.address, server.port)} ${server.activeConnections}/${server.inactiveConnections} ${countersText(server.counters)}`,
    );
    return [countersText(counters), ...servers.sort()].join(', ');
  });
  return texts.sort();
}

function serviceText({ servers, ...counts }: ServiceLeft): string {
  const texts = servers.map(
    ({ server, active, inactive, ...own }) => `${server} ${active}/${inactive} ${countsText(own)}`,
  );
  return [countsText(counts), ...texts.sort()].join(', ');
}
