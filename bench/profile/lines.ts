/**
 * What one load from memory takes that a packet of many flows waits for, on the memory that tables of connections lie
 * in (bpf/lines.bpf.c). Caches are shared with others, and how long ago a line was last touched decides where it is found.
 */

import { fileURLToPath } from 'node:url';
import { mapUpdate } from '../../src/linux/bpf-map.ts';
import { loadObject, readObject } from '../../src/linux/bpf-object.ts';
import { repeatedRunner, runSystemProgram } from '../../src/linux/bpf-test-run.ts';
import { contextOf } from '../../test/support/passage.ts';
import type { TrafficSource } from '../per-packet/traffic.ts';

const objectPath = fileURLToPath(new URL('../../bpf/lines.bpf.o', import.meta.url));
const firstKey = new Uint8Array(4);
const cacheLine = 64;
const loadsOfRun = 64;
const mostWork = 256;
/** Of Ethernet, the least there is. */
const frameBytes = 64;

export type Lines = {
  /**
   * Nanoseconds that a packet takes more when its flow's line is one of so many, spread over a table's room, than when
   * all flows have the same one. `traffic` has been planned, with `flows` that take turns. With that same one it takes
   * about as long as `like`: how long ago a line was last touched is to be what it is to the director.
   */
  ofFlows(traffic: TrafficSource, flows: number, room: number, packets: number, like: number): number;
  /** Nanoseconds of a load, one right after the other. */
  inTurn(lines: number, room: number, loads: number): number;
  close(): void;
};

/** Takes 128 MiB until it is closed. `ifindex`: an interface of the thread's namespace. */
export function openLines(ifindex: number): Lines {
  const { programs, maps, close } = loadObject(readObject(objectPath), {
    programs: ['fl_line_of_flow', 'fl_lines_in_turn', 'fl_lines_align'],
    maps: ['lines_plans'],
  });
  const context = new Uint8Array(8);
  runSystemProgram(programs.fl_lines_align, context);
  const shift = Number(-new DataView(context.buffer).getBigUint64(0, true) & BigInt(cacheLine - 1));
  /** struct lines_plan */
  const plan = (lines: number, room: number, work = 0): void =>
    mapUpdate(
      maps.lines_plans,
      firstKey,
      new Uint8Array(Uint32Array.of(lines, room, shift, work, 0, 0).buffer),
    );
  const loads = repeatedRunner(programs.fl_lines_in_turn, contextOf('xdp', ifindex, frameBytes));
  const frame = new Uint8Array(frameBytes);
  return {
    ofFlows(traffic, flows, room, packets, like) {
      traffic.test('xdp', programs.fl_line_of_flow);
      const run = (lines: number, work: number): number => {
        plan(flows, lines, work);
        traffic.run('xdp', flows); // as the director has been at work before it is measured
        return traffic.run('xdp', packets).nanoseconds;
      };
      const [none, most] = [run(1, 0), run(1, mostWork)];
      const work = Math.round(((like - none) / (most - none)) * mostWork);
      const steps = Math.min(Math.max(work, 0), mostWork);
      const same = run(1, steps);
      return run(room, steps) - same;
    },
    inTurn(lines, room, wanted) {
      plan(lines, room);
      loads(frame, Math.ceil(lines / loadsOfRun));
      return loads(frame, Math.ceil(wanted / loadsOfRun)).nanoseconds / loadsOfRun;
    },
    close,
  };
}
