/**
 * Packets of many flows, turn by turn with the load of one line of as many, and with the least that a director with a hash map
 * could be: whether that is what they take more.
 */

import { tableUse } from '../../src/dataplane/bpf/census.ts';
import type { Figure } from '../figure.ts';
import { type PacketCase, packetCases } from '../per-packet/cases.ts';
import { floorBehindTraffic, onStage, turnWithFloor } from '../per-packet/measure.ts';
import type { Stage } from '../per-packet/stage.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { type Lines, openLines } from './lines.ts';
import { openSketch, type Sketch } from './sketch.ts';

type Turn = {
  readonly packet: number;
  readonly ofFlow: number;
  readonly inTurn: number;
  readonly sketch: number;
  readonly floor: number;
};
type Subject = { readonly each: PacketCase; readonly stage: Stage; readonly sketch: Sketch };

const packets = 131_072;
/** By their flows, the fewest first: what the others are compared with. */
const cases = packetCases.filter(
  ({ work, hook, family, flows, services, isProfiled }) =>
    isProfiled && work === 'established' && hook === 'xdp' && family === 4 && services === 1 && flows > 1,
);

export function measureLoads(rounds: number, report: (figure: Figure) => void): void {
  onStages(cases, [], (subjects) => {
    const [few] = subjects;
    if (few === undefined) throw new RangeError('no case to be measured');
    const lines = few.stage.inside(() => openLines(few.stage.ifindex));
    try {
      const turns = Array.from({ length: rounds }, () => {
        const like = few.stage.inside(() => turnWithFloor(few.stage, few.each)).whole;
        return subjects.map((subject) => turnOf(subject, lines, like));
      });
      for (const figure of figuresOf(subjects, turns)) report(figure);
    } finally {
      lines.close();
    }
  });
}

/** All of them at once, so that they are measured in turns. */
function onStages(
  [each, ...others]: readonly PacketCase[],
  subjects: readonly Subject[],
  action: (subjects: readonly Subject[]) => void,
): void {
  if (each === undefined) {
    action(subjects);
    return;
  }
  onStage(each, (stage) => {
    const sketch = openSketch(each.flows);
    try {
      onStages(others, [...subjects, { each, stage, sketch }], action);
    } finally {
      sketch.close();
    }
  });
}

/** `like`: what a packet of few flows takes. */
function turnOf({ each, stage, sketch }: Subject, lines: Lines, like: number): Turn {
  const { flows } = each;
  const room = tableUse(stage.maps()).room[4];
  return stage.inside(() => {
    const { nanoseconds: packet, floor } = turnWithFloor(stage, each);
    const behind = floorBehindTraffic(stage, each).nanoseconds;
    return {
      ...{ packet, floor },
      sketch: sketch.run(stage.traffic, packets) - (behind - floor),
      ofFlow: lines.ofFlows(stage.traffic, flows, room, packets, like),
      inTurn: lines.inTurn(flows, room, packets),
    };
  });
}

function figuresOf(subjects: readonly Subject[], turns: readonly (readonly Turn[])[]): readonly Figure[] {
  const spread = (value: (turn: readonly Turn[]) => number): Spread => spreadOf(turns.map(value));
  const at = (turn: readonly Turn[], index: number): Turn => turn[index] ?? missing();
  return subjects.flatMap(({ each }, index): readonly Figure[] => {
    const said = each.flows.toLocaleString('en-US');
    const row = (name: string, value: (turn: readonly Turn[]) => number): Figure => ({
      name,
      value: spread(value),
      unit: 'ns',
      ratios: [],
    });
    const more = (turn: readonly Turn[], what: keyof Turn): number =>
      at(turn, index)[what] - at(turn, 0)[what];
    const figures = [
      row(`memory: one of ${said} lines, loads alone`, (turn) => at(turn, index).inTurn),
      row(`memory: one of ${said} lines, a packet between`, (turn) => at(turn, index).ofFlow),
    ];
    const sketch = row(`memory: a sketch with a hash map, ${said} flows`, (turn) => at(turn, index).sketch);
    const floors = spread((turn) => at(turn, index).sketch / at(turn, index).floor);
    figures.push({ ...sketch, ratios: [{ to: 'floor', value: floors }] });
    if (index === 0) return figures;
    const packet = row(`memory: ${each.name}, more than of the fewest`, (turn) => more(turn, 'packet'));
    const ratio = spread((turn) => more(turn, 'packet') / more(turn, 'ofFlow'));
    return [...figures, { ...packet, ratios: [{ to: 'what its line takes more', value: ratio }] }];
  });
}

function missing(): never {
  throw new Error('a turn lacks a case');
}
