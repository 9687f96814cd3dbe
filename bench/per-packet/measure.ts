/**
 * One case, measured in turns with the floor, so that whatever else the machine does meets both. The traffic's own
 * cost, which is what the floor costs more behind it than by itself, is taken off.
 */

import { FlTcpState } from '../../src/dataplane/bpf/abi.gen.ts';
import type { DestinationSettings, ServiceSettings } from '../../src/ipvs/service.ts';
import type { Repeated } from '../../src/linux/bpf-test-run.ts';
import type { Ratio } from '../figure.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { Method, PacketCase } from './cases.ts';
import { openStage, type Stage } from './stage.ts';
import type { TcpFlags, Traffic } from './traffic.ts';

export type Measured = {
  readonly name: string;
  /** Of a packet. */
  readonly nanoseconds: Spread;
  readonly ratios: readonly Ratio[];
};

/** Connections that are made or established between two looks of the daemon. */
const portion = 16_384;
/** Sweeps before it is measured. */
const settling = 3;
/** Addresses of flows that all differ. */
const allFlows = 1 << 23;
const defaultLimit = 1_048_576;

export function measureCase(each: PacketCase, rounds: number): Measured {
  return onStage(each, (stage) => {
    const turnOfCase = (): Turn => stage.inside(() => turnWithFloor(stage, each));
    const { beside } = each;
    if (!beside) return measuredIn(each, repeated(rounds, turnOfCase));
    return onStage(beside.case, (other) =>
      measuredIn(
        each,
        repeated(rounds, () => ({ ...turnOfCase(), beside: turnWithFloor(other, beside.case).nanoseconds })),
      ),
    );
  });
}

/** With the case's configuration, and the connections that it is about. */
export function onStage<T>(each: PacketCase, action: (stage: Stage) => T): T {
  const { family, services, servers } = each;
  const stage = openStage(defaultLimit);
  try {
    return stage.inside(() => {
      stage.configure({ family, services, servers, service: serviceOf(each), server: serverOf(each.method) });
      if (each.work === 'established') establish(stage, each);
      const left = lifeOf(each).at(-1);
      if (left) stage.forget(left.state);
      return action(stage);
    });
  } finally {
    stage.remove();
  }
}

/** Of a packet, `whole` with what making it took. */
export type Turn = {
  readonly floor: number;
  readonly nanoseconds: number;
  readonly whole: number;
  readonly beside?: number;
};

const repeated = <T>(times: number, action: () => T): readonly T[] => Array.from({ length: times }, action);

/** Ratios are of figures of the same turn. */
function measuredIn({ name, atMost, beside: other }: PacketCase, turns: readonly Turn[]): Measured {
  const ratioTo = (to: (turn: Turn) => number): Spread =>
    spreadOf(turns.map((turn) => turn.nanoseconds / to(turn)));
  return {
    name,
    nanoseconds: spreadOf(turns.map(({ nanoseconds }) => nanoseconds)),
    ratios: [
      { to: 'floor', value: ratioTo(({ floor }) => floor), ...(atMost !== undefined && { atMost }) },
      ...(other
        ? [{ to: other.to, value: ratioTo(({ beside }) => beside ?? Number.NaN), atMost: other.atMost }]
        : []),
    ],
  };
}

/** Nanoseconds of a packet, the traffic's own cost taken off, and of the floor. */
export function turnWithFloor(stage: Stage, each: PacketCase): Turn {
  const floor = stage.traffic.floor(each.hook, 8 * portion).nanoseconds;
  const behind = floorBehindTraffic(stage, each).nanoseconds;
  const whole = turn(stage, each);
  return { floor, whole, nanoseconds: whole - (behind - floor) };
}

/** What the traffic itself takes, and the floor. */
export function floorBehindTraffic({ traffic }: Stage, each: PacketCase): Repeated {
  traffic.plan({ ...trafficOf(each), headers: 0 });
  traffic.test(each.hook);
  return traffic.run(each.hook, 8 * portion);
}

/**
 * Nanoseconds of a packet. Throws when packets did not go the way the case is about. `watched` runs them, and may look
 * on; nothing else is done meanwhile.
 */
export function turn(
  stage: Stage,
  each: PacketCase,
  watched: (run: () => Repeated) => Repeated = (run) => run(),
): number {
  const packets = lifeOf(each).length > 0 ? portion : 8 * portion;
  const flows = nextFlows(each);
  stage.traffic.test(each.hook, stage.program(each.hook));
  for (const { flags } of lifeOf(each).slice(0, -1)) {
    stage.traffic.plan({ ...trafficOf(each), ...flows, flags });
    stage.traffic.run(each.hook, packets);
    settle(stage);
  }
  stage.traffic.plan({ ...trafficOf(each), ...flows });
  // The director has been at work all the time; what the floor and others have left in the caches is not its own.
  if (lifeOf(each).length === 0) stage.traffic.run(each.hook, each.flows);
  const before = stage.counted();
  const began = performance.now();
  const { nanoseconds } = watched(() => stage.traffic.run(each.hook, packets));
  const seconds = Math.ceil((performance.now() - began) / 1000) + 1;
  const after = stage.counted();
  const [passed, opened] = [after.packets - before.packets, after.connections - before.connections];
  // One packet a second of each real server is left to TC, by design (docs/design/0004).
  const least = each.work === 'not ours' ? 0 : packets - seconds * addressedOf(each) * each.servers;
  const isSo = each.work === 'not ours' ? passed === 0 : passed >= least && passed <= packets;
  if (!isSo || opened !== (each.work === 'new' ? packets : 0)) {
    throw new Error(`${each.name}: of ${packets} packets ${passed} passed and ${opened} opened a connection`);
  }
  stage.plane.sweep();
  return nanoseconds;
}

let used = 0;

type Step = { readonly flags: TcpFlags; readonly state: number };

/** What a client sends from the beginning on, and the state that it leaves a connection in. */
const life: readonly Step[] = [
  { flags: 'SYN', state: FlTcpState.FL_TCP_SYN_RECV },
  { flags: 'ACK', state: FlTcpState.FL_TCP_ESTABLISHED },
  { flags: 'FIN', state: FlTcpState.FL_TCP_FIN_WAIT },
];
const steps: Readonly<Record<PacketCase['work'], number>> = {
  ...{ established: 0, 'not ours': 0 },
  ...{ new: 1, handshake: 2, end: 3 },
};

/** Up to the packet that is measured; none where connections stay as they are. */
function lifeOf({ work }: PacketCase): readonly Step[] {
  return life.slice(0, steps[work]);
}

/** Each packet is of a flow that no one has seen before. */
function nextFlows(each: PacketCase): { readonly from?: number } {
  if (lifeOf(each).length === 0) return {};
  const from = used;
  used = (used + portion) % allFlows;
  return { from };
}

/** By TC, which never has to leave a packet to another hook; the daemon sweeps meanwhile. */
function establish(stage: Stage, each: PacketCase): void {
  const { traffic, plane, program } = stage;
  traffic.test('tc', program('tc'));
  for (let from = 0; from < each.flows; from += portion) {
    const packets = Math.min(portion, each.flows - from);
    for (const flags of ['SYN', 'ACK'] as const) {
      traffic.plan({ ...trafficOf(each), flags, from });
      traffic.run('tc', packets);
    }
    plane.sweep();
  }
  settle(stage);
  const { count } = plane.connectionTable();
  if (count !== each.flows) throw new Error(`${each.name}: ${count} of ${each.flows} connections were made`);
}

/** A table grows with one sweep, and takes in with the next what had found no room. */
function settle({ plane }: Stage): void {
  for (let round = 0; round < settling; round++) plane.sweep();
}

const addressedOf = ({ services, addressed = services }: PacketCase): number => addressed;

function trafficOf(each: PacketCase): Traffic {
  const { work, family, flows, method, template } = each;
  return {
    family,
    services: addressedOf(each),
    flows: lifeOf(each).length > 0 ? allFlows : flows,
    ports: template === 'miss' ? 0 : 4,
    flags: lifeOf(each).at(-1)?.flags ?? 'ACK',
    headers: headersOf[method] === undefined ? 0 : headersOf[method] + (family === 6 ? 40 : 20),
    isNotOurs: work === 'not ours',
  };
}

/** Behind the outer IP header. */
const headersOf: Readonly<Partial<Record<Method, number>>> = { ipip: 0, gue: 12 };

function serviceOf({ scheduler, template }: PacketCase): Partial<ServiceSettings> {
  return { scheduler, persistent: template ? 60 : 0 };
}

function serverOf(method: Method): Partial<DestinationSettings> {
  switch (method) {
    case 'gate':
    case 'masq':
      return { method };
    case 'ipip':
      return { method: 'ipip', tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } };
    case 'gue':
      return { method: 'ipip', tunnel: { type: 'gue', port: 6080, checksum: 'nocsum' } };
  }
}
