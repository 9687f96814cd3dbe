/** The programs of bpf/live.bpf.c between the two ends of a wire, and frames that they send and count. */

import { fileURLToPath } from 'node:url';
import { arrayKey } from '../../src/dataplane/bpf/maps.ts';
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
  'fl_live_end_syns',
  'fl_live_sink',
] as const;
export type LiveProgram = (typeof programNames)[number];

/** Where the frames of all flows go. */
export const service = { address: '10.32.0.0', port: 1024 } as const;

export type LiveTraffic = {
  /** They take turns, far from one another; */
  readonly flows: number;
  readonly flags: 'SYN' | 'ACK';
  /** or, from this one on, one after the other. */
  readonly from?: number;
  /** The first flow's client, counted from 10.128.0.0 on. */
  readonly firstClient?: number;
};

export type LiveSource = {
  readonly programs: Readonly<Record<LiveProgram, Fd>>;
  /** Within the namespace of the other ends. */
  send(traffic: LiveTraffic, frames: number): Sent;
  /** Frames that XDP programs have counted and dropped so far. */
  atSink(): number;
  close(): void;
};

export type Sent = {
  /** CPU time. */
  readonly nanoseconds: number;
  /** Frames that XDP programs have counted and dropped; */
  readonly atSink: number;
  /** and those that the stack had. */
  readonly inStack: number;
};

const objectPath = fileURLToPath(new URL('../../bpf/live.bpf.o', import.meta.url));
const tcpFlags = { SYN: 0x02, ACK: 0x10 } as const;
/** enum counter of bpf/live.bpf.c */
const counters = { sink: 0, stack: 1 } as const;

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
  const arrived = (where: (typeof counters)[keyof typeof counters]): number => {
    mapLookup(maps.arrived, arrayKey(where), new Uint8Array(perCpu.buffer));
    return Number(perCpu.reduce((sum, each) => sum + each, 0n));
  };
  return {
    programs,
    send({ flows, flags, from, firstClient = 0 }, frames) {
      const [step, at] = from === undefined ? [strideOf(flows), 0] : [1, (from || flows) - 1];
      const plan = Uint32Array.of(flows, step, at % flows, tcpFlags[flags], firstClient);
      mapUpdate(maps.flows, arrayKey(0), new Uint8Array(plan.buffer));
      const [atSink, inStack] = [arrived(counters.sink), arrived(counters.stack)];
      const began = clock();
      run(frame, frames);
      const nanoseconds = clock() - began;
      return {
        nanoseconds,
        atSink: arrived(counters.sink) - atSink,
        inStack: arrived(counters.stack) - inStack,
      };
    },
    atSink: () => arrived(counters.sink),
    close,
  };
}

/** Far from one another, and all of them: of flows a power of two, an odd step. */
export function strideOf(flows: number): number {
  return flows < 4 ? 1 : (Math.round(flows * 0.618) | 1) % flows;
}
