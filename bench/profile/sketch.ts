/** The program of bpf/sketch.bpf.c: the least that a director with connections could be. */

import { fileURLToPath } from 'node:url';
import { loadObject, readObject } from '../../src/linux/bpf-object.ts';
import type { TrafficSource } from '../per-packet/traffic.ts';

const objectPath = fileURLToPath(new URL('../../bpf/sketch.bpf.o', import.meta.url));

export type Sketch = {
  /** Nanoseconds of a packet, that of making it included. `traffic` has been planned, with flows that take turns. */
  run(traffic: TrafficSource, packets: number): number;
  close(): void;
};

/** With a hash map of twice as many entries as there are flows, all of them made ahead. */
export function openSketch(flows: number): Sketch {
  const { programs, close } = loadObject(readObject(objectPath), {
    programs: ['fl_sketch'],
    maps: ['sketch_flows'],
    entries: { sketch_flows: 2 * flows },
  });
  return {
    run(traffic, packets) {
      traffic.test('xdp', programs.fl_sketch);
      traffic.run('xdp', flows); // flows that are new are made, others are as warm as they would be
      return traffic.run('xdp', packets).nanoseconds;
    },
    close,
  };
}
