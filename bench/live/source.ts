/** The programs of bpf/live.bpf.c between the two ends of a wire, and frames that they send and count. */

import { fileURLToPath } from 'node:url';
import { mapLookup, mapUpdate, possibleCpus } from '../../src/linux/bpf-map.ts';
import { loadObject, readObject } from '../../src/linux/bpf-object.ts';
import { liveRunner } from '../../src/linux/bpf-test-run.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { frameOf } from '../../test/support/frame/build.ts';
import { contextOf } from '../../test/support/passage.ts';
import { frameClock } from '../cpu.ts';

const programNames = [
  'fl_live_source',
  'fl_live_drop',
  'fl_live_redirect',
  'fl_live_pass',
  'fl_live_end',
  'fl_live_sink',
] as const;
export type LiveProgram = (typeof programNames)[number];

/** Where the frames of all flows go. */
export const service = { address: '10.32.0.0', port: 1024 } as const;

export type LiveSource = {
  readonly programs: Readonly<Record<LiveProgram, Fd>>;
  /** Within the namespace of the other ends: so many frames of so many flows in turn, and what that took. */
  send(flows: number, flags: 'SYN' | 'ACK', frames: number): Sent;
  close(): void;
};

export type Sent = {
  /** CPU time. */
  readonly nanoseconds: number;
  /** Frames that came to an end that counts. */
  readonly arrived: number;
};

const objectPath = fileURLToPath(new URL('../../bpf/live.bpf.o', import.meta.url));
const tcpFlags = { SYN: 0x02, ACK: 0x10 } as const;
const firstKey = new Uint8Array(4);

/** `source`: the interface that frames go into, here; `out`: the director's that leads to its servers. */
export function openSource(source: number, out: number): LiveSource {
  const { programs, maps, close } = loadObject(readObject(objectPath), {
    programs: programNames,
    maps: ['flows', 'arrived'],
    constants: { '.rodata.indexes': new Uint8Array(Uint32Array.of(source, out).buffer) },
  });
  const frame = frameOf({
    kind: 'tcp',
    from: '10.128.0.0:1024',
    to: `${service.address}:${service.port}`,
    flags: 'A',
    payload: 20,
  }).slice();
  // As if they came in by lo: of another interface the kernel wants an XDP program.
  const clock = frameClock();
  const run = liveRunner(programs.fl_live_source, contextOf('xdp', 0, frame.length));
  const perCpu = new BigUint64Array(possibleCpus());
  const arrived = (): number => {
    mapLookup(maps.arrived, firstKey, new Uint8Array(perCpu.buffer));
    return Number(perCpu.reduce((sum, each) => sum + each, 0n));
  };
  return {
    programs,
    send(flows, flags, frames) {
      const plan = Uint32Array.of(flows, strideOf(flows), 0, tcpFlags[flags]);
      mapUpdate(maps.flows, firstKey, new Uint8Array(plan.buffer));
      const before = arrived();
      const began = clock();
      run(frame, frames);
      return { nanoseconds: clock() - began, arrived: arrived() - before };
    },
    close,
  };
}

/** Far from one another, and all of them: of flows a power of two, an odd step. */
export function strideOf(flows: number): number {
  return flows < 4 ? 1 : (Math.round(flows * 0.618) | 1) % flows;
}
