/** A director to be tried: the model on the goldens' machine, configured by ipvsadm's command lines. */

import type { Hook, Limits } from '../memory.ts';
import { createModel, type Model } from '../model.ts';
import type { Outcome } from '../outcome.ts';
import { ipvsadm } from './commands.ts';
import { createGoldenWorld, type GoldenWorld } from './world.ts';

export type Director = {
  readonly world: GoldenWorld;
  readonly model: Model;
  /** The frame comes in by eth0. */
  receive(frame: Uint8Array, hook?: Hook): Outcome;
  ipvsadm(line: string): void;
  /** Packets sent to each real server since the last time, without those that had none. */
  sent(): Readonly<Record<string, number>>;
  /** `reason=count`. */
  notForwarded(): readonly string[];
};

export function createDirector(lines: readonly string[], limits: Partial<Limits> = {}): Director {
  const world = createGoldenWorld();
  const model = createModel(world, limits);
  let before = new Map<string, number>();
  for (const line of lines) ipvsadm(model, line);
  return {
    world,
    model,
    receive: (frame, hook = 'tc') => model.receive(hook, 2, frame),
    ipvsadm: (line) => ipvsadm(model, line),
    sent() {
      const after = packetsOf(model);
      const gains = [...after].map(
        ([address, packets]) => [address, packets - (before.get(address) ?? 0)] as const,
      );
      before = after;
      return Object.fromEntries(gains.filter(([, packets]) => packets > 0));
    },
    notForwarded: () =>
      Object.entries(model.notForwarded()).flatMap(([reason, { packets }]) =>
        packets > 0 ? [`${reason}=${packets}`] : [],
      ),
  };
}

function packetsOf(model: Model): Map<string, number> {
  const servers = model.services().flatMap(({ destinations }) => destinations);
  return new Map(servers.map(({ address, counters }) => [address, counters.inPackets]));
}

/** A service of one address and port, with real servers that get its packets as they are. */
export function service(key: string, scheduler: string, servers: readonly string[]): readonly string[] {
  return [`-A ${key} -s ${scheduler}`, ...servers.map((server) => `-a ${key} -r ${server} -g`)];
}
