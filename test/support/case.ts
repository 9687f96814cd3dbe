/** A row of a packet table, and how it is played through a hook. */

import { expect } from 'vitest';
import { type Arrangement, arrange, oneServer } from './arrange.ts';
import type { Bench } from './bench.ts';
import { between, directorMac, icmpError, oneHopFurther } from './packet.ts';
import type { Hook } from './passage.ts';
import { send } from './send.ts';
import { tally } from './tally.ts';
import { serverMacs } from './wire.ts';

export type Case = {
  /** A sentence. */
  readonly behaviour: string;
  /** Default: one TCP service with one real server. */
  readonly given?: readonly Arrangement[];
  readonly steps: readonly Step[];
  /** Every counter and connection at the end (tally.ts). */
  readonly leaves: readonly string[];
};

export type Step = (bench: Bench, hook: Hook) => void;

/** The packet goes to a real server; where XDP stands in front, by XDP unless `by` says that TC must do it. */
export function forwards(
  frame: Uint8Array,
  server: string,
  { by, via = server }: { readonly by?: 'tc'; readonly via?: string } = {},
): Step {
  return (bench, hook) => {
    const last = by ?? hook;
    const older = oneHopFurther(frame);
    // TC leaves the MACs to the kernel.
    const packet = last === 'tc' ? older : between(older, directorMac, serverMacs[via] ?? '');
    expect(send(bench, hook, frame)).toEqual({ fate: 'forwarded', by: last, packet });
    expect(serverOf(bench, frame)).toBe(server);
  };
}

/** The packet is gone, for this reason and no other. TC decides, whichever hook stands in front. */
export function drops(frame: Uint8Array, reason: string): Step {
  return (bench, hook) => {
    const counted = reasonsOf(bench, () => {
      expect(send(bench, hook, frame)).toMatchObject({ fate: 'dropped', by: 'tc' });
    });
    expect(counted).toEqual({ [reason]: 1 });
  };
}

/** The errors a client hears of, as [type, code] of ICMP, by the reason that is counted. */
const answers: Readonly<Record<'no_server' | 'ttl_expired', readonly [number, number]>> = {
  no_server: [3, 3],
  ttl_expired: [11, 0],
};

/** The packet is gone, for this reason, and the client is told. TC decides, whichever hook stands in front. */
export function refuses(frame: Uint8Array, reason: keyof typeof answers): Step {
  return (bench, hook) => {
    const counted = reasonsOf(bench, () => {
      const passage = send(bench, hook, frame);
      const id = Buffer.from(passage.packet).readUInt16BE(18);
      const packet = icmpError(frame, ...answers[reason], id);
      expect(passage).toEqual({ fate: 'forwarded', by: 'tc', packet });
    });
    expect(counted).toEqual({ [reason]: 1 });
  };
}

/** The packet goes up to the local stack as it came, with a reason only where it came near a service. */
export function passes(frame: Uint8Array, reason?: string): Step {
  return (bench, hook) => {
    const counted = reasonsOf(bench, () => {
      expect(send(bench, hook, frame)).toEqual({ fate: 'stack', by: 'tc', packet: frame });
    });
    expect(counted).toEqual(reason === undefined ? {} : { [reason]: 1 });
  };
}

/** Something happens between packets. */
export function meanwhile(change: (bench: Bench) => void): Step {
  return (bench) => change(bench);
}

/** For `test.for(rows(cases))('%s', …)`: vitest shortens names that come by `$behaviour`. */
export function rows(cases: readonly Case[]): readonly (readonly [string, Case])[] {
  return cases.map((row) => [row.behaviour, row]);
}

export function play(bench: Bench, hook: Hook, { given = [oneServer], steps, leaves }: Case): void {
  for (const arrangement of given) arrange(bench, arrangement);
  for (const step of steps) step(bench, hook);
  expect(tally(bench)).toEqual(leaves);
}

/** What the entry of a TCP or UDP packet is bound to. */
function serverOf({ plane }: Bench, frame: Uint8Array): string | undefined {
  const packet = Buffer.from(frame.slice(14));
  const ports = packet.subarray((packet.readUInt8(0) & 15) * 4);
  const entry = [...plane.connections()].find(
    ({ protocol, client, virtual }) =>
      protocol === (packet[9] === 6 ? 'tcp' : 'udp') &&
      client.address === packet.subarray(12, 16).join('.') &&
      client.port === ports.readUInt16BE(0) &&
      virtual.port === ports.readUInt16BE(2),
  );
  return entry?.destination.address;
}

/** The reasons that were counted during an action. */
function reasonsOf({ plane }: Bench, action: () => void): Readonly<Record<string, number>> {
  const before = plane.notForwarded();
  action();
  const gained = Object.entries(plane.notForwarded()).map(
    ([reason, count]) => [reason, count - (before[reason] ?? 0)] as const,
  );
  return Object.fromEntries(gained.filter(([, count]) => count !== 0));
}
