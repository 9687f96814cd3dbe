/** A row of a packet table, and how it is played to a data plane. */

import { expect } from 'vitest';
import { addressToBytes } from '../../src/ipvs/address.ts';
import { type Arrangement, arrange, oneServer } from './arrange.ts';
import { between, icmpError, oneHopFurther, trimmed } from './packet.ts';
import type { Player } from './player.ts';
import { tally } from './tally.ts';
import { interfaceTo, macOfInterface, macs } from './world.ts';

export type Case = {
  /** A sentence. */
  readonly behaviour: string;
  /** Default: one TCP service with one real server. */
  readonly given?: readonly Arrangement[];
  readonly steps: readonly Step[];
  /** Every counter and connection at the end (tally.ts). */
  readonly leaves: readonly string[];
};

export type Step = (player: Player) => void;

/** The packet goes to a real server; where XDP stands in front, by XDP unless `by` says that TC must do it. */
export function forwards(
  frame: Uint8Array,
  server: string,
  { by, via = server, device }: { readonly by?: 'tc'; readonly via?: string; readonly device?: string } = {},
): Step {
  return (player) => {
    const last = by ?? (player.hook === 'xdp' ? 'xdp' : 'tc');
    const older = oneHopFurther(frame);
    // TC leaves the MACs to the kernel, and trims a short frame's padding.
    const packet =
      last === 'tc' ? trimmed(older) : between(older, macOfInterface(interfaceTo(via)), macs[via] ?? '');
    expect(player.receive(frame, device)).toEqual({ fate: 'forwarded', by: last, packet });
    expect(serverOf(player, frame)).toBe(server);
  };
}

/** The packet goes on as exactly this frame, but for the identification of a header that was made up. TC does it. */
export function sends(frame: Uint8Array, wanted: Uint8Array, device?: string): Step {
  return (player) => {
    const { fate, packet } = player.receive(frame, device);
    expect({ fate, packet: hex(packet.subarray(14)) }).toEqual({
      fate: 'forwarded',
      packet: hex(wanted.subarray(14)),
    });
  };
}

/** The packet is gone, for this reason and no other. TC decides, whichever hook stands in front. */
export function drops(frame: Uint8Array, reason: string): Step {
  return (player) => {
    const counted = reasonsOf(player, () => {
      expect(player.receive(frame)).toMatchObject({ fate: 'dropped', by: 'tc' });
    });
    expect(counted).toEqual({ [reason]: 1 });
  };
}

/** The errors a client hears of, as [type, code] of ICMP, by the reason that is counted. */
const answers: Readonly<Record<'no_server' | 'no_route' | 'ttl_expired', readonly [number, number]>> = {
  no_server: [3, 3],
  no_route: [3, 1],
  ttl_expired: [11, 0],
};

/** The packet is gone, for this reason, and the client is told. TC decides, whichever hook stands in front. */
export function refuses(frame: Uint8Array, reason: keyof typeof answers): Step {
  return (player) => {
    const counted = reasonsOf(player, () => {
      const seen = player.receive(frame);
      const id = Buffer.from(seen.packet).readUInt16BE(18);
      const packet = icmpError(frame, ...answers[reason], id);
      expect(seen).toEqual({ fate: 'forwarded', by: 'tc', packet });
    });
    expect(counted).toEqual({ [reason]: 1 });
  };
}

/** The packet goes up to the local stack as it came, with a reason only where it came near a service. */
export function passes(frame: Uint8Array, reason?: string): Step {
  return (player) => {
    const counted = reasonsOf(player, () => {
      expect(player.receive(frame)).toEqual({ fate: 'stack', by: 'tc', packet: frame });
    });
    expect(counted).toEqual(reason === undefined ? {} : { [reason]: 1 });
  };
}

/** Something happens between packets. */
export function meanwhile(change: (player: Player) => void): Step {
  return change;
}

/** Time passes. */
export function wait(seconds: number): Step {
  return (player) => player.advance(seconds * 1000);
}

/** For `test.for(rows(cases))('%s', …)`: vitest shortens names that come by `$behaviour`. */
export function rows(cases: readonly Case[]): readonly (readonly [string, Case])[] {
  return cases.map((row) => [row.behaviour, row]);
}

export function play(player: Player, { given = [oneServer], steps, leaves }: Case): void {
  for (const arrangement of given) arrange(player, arrangement);
  for (const step of steps) step(player);
  expect(tally(player)).toEqual(leaves);
}

/** What the entry of a packet with ports is bound to. */
function serverOf({ plane }: Player, frame: Uint8Array): string | undefined {
  const packet = Buffer.from(frame.subarray(14));
  const isIpv6 = packet.readUInt8(0) >> 4 === 6;
  const ports = packet.subarray(isIpv6 ? 40 : (packet.readUInt8(0) & 15) * 4);
  const protocol = protocols[packet.readUInt8(isIpv6 ? 6 : 9)];
  const entry = [...plane.connections()].find(
    (each) =>
      !each.template &&
      each.protocol === protocol &&
      hex(addressToBytes(each.client.address)) ===
        hex(isIpv6 ? packet.subarray(8, 24) : packet.subarray(12, 16)) &&
      each.client.port === ports.readUInt16BE(0) &&
      each.virtual.port === ports.readUInt16BE(2),
  );
  return entry?.destination.address;
}

const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The reasons that were counted during an action. */
function reasonsOf({ plane }: Player, action: () => void): Readonly<Record<string, number>> {
  const before = plane.notForwarded();
  action();
  const gained = Object.entries(plane.notForwarded()).map(
    ([reason, { packets }]) => [reason, packets - (before[reason]?.packets ?? 0)] as const,
  );
  return Object.fromEntries(gained.filter(([, count]) => count !== 0));
}
