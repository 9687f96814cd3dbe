/** BPF_PROG_TEST_RUN: programs run in the calling thread, on a packet or on octets of their own. */

import { checked } from './errno.ts';
import { address } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const testRun = libbpf<[Fd, Uint8Array], number>('int bpf_prog_test_run_opts(int program, void *opts)');

/** More than any packet that a program is given here, or makes of it. */
const roomBytes = 0x10000;
/** Offsets in struct bpf_test_run_opts (bpf/bpf.h). */
const options = {
  dataIn: 8,
  dataOut: 16,
  sizeIn: 24,
  sizeOut: 28,
  contextIn: 32,
  contextSize: 48,
  verdict: 56,
  repeat: 60,
  duration: 64,
  flags: 68,
  batchSize: 76,
  size: 80,
};

export type Verdict = {
  /** TC_ACT_*, XDP_*. */
  readonly verdict: number;
  /** The packet as the program left it. Valid until the next run. */
  readonly packet: Uint8Array;
};

/** Runs a program of type BPF_PROG_TYPE_SYSCALL on its context, and returns what it returned. */
export function runSystemProgram(program: Fd, context: Uint8Array = new Uint8Array()): number {
  const described = new Uint8Array(options.size);
  const view = new DataView(described.buffer);
  view.setBigUint64(0, BigInt(options.size), true);
  if (context.length > 0) view.setBigUint64(options.contextIn, address(context), true);
  view.setUint32(options.contextSize, context.length, true);
  checked('bpf_prog_test_run_opts', testRun(program, described));
  return view.getInt32(options.verdict, true);
}

/**
 * For many packets: one at a time through a program, in rooms that are used again. Four times as fast as a call that
 * describes itself anew each time.
 * `context` is the program type's own (struct __sk_buff, struct xdp_md) in bytes; `prepare` may change it for a packet.
 */
export function packetRunner(
  program: Fd,
  context: Uint8Array,
  prepare?: (packet: Uint8Array, context: DataView) => void,
): (packet: Uint8Array) => Verdict {
  const { described, output, view, contextView, take } = runRooms(context);
  return (packet) => {
    take(packet, 1);
    prepare?.(packet, contextView);
    checked('bpf_prog_test_run_opts', testRun(program, described));
    return {
      verdict: view.getInt32(options.verdict, true),
      packet: output.subarray(0, view.getUint32(options.sizeOut, true)),
    };
  };
}

export type Repeated = {
  /** Of the last time. */
  readonly verdict: number;
  /** One run's share of the time. */
  readonly nanoseconds: number;
};

/** For measurements: the same packet many times, as the program has left it the last time. */
export function repeatedRunner(
  program: Fd,
  context: Uint8Array,
): (packet: Uint8Array, times: number) => Repeated {
  const rooms = runRooms(context);
  const { view } = rooms;
  return (packet, times) => {
    rooms.take(packet, times);
    checked('bpf_prog_test_run_opts', testRun(program, rooms.described));
    // The kernel leaves out what other processes took, and says whole nanoseconds, rounded down.
    const nanoseconds = view.getUint32(options.duration, true) + 0.5;
    return { verdict: view.getInt32(options.verdict, true), nanoseconds };
  };
}

/**
 * For measurements: frames that go where an XDP program sends them, as a driver's would, 64 at a time. The program gets
 * each as the last one that used its memory has left it. `context` has the interface that they seem to come in by.
 */
export function liveRunner(program: Fd, context: Uint8Array): (frame: Uint8Array, times: number) => void {
  const BPF_F_TEST_XDP_LIVE_FRAMES = 2;
  const rooms = runRooms(context);
  const { view } = rooms;
  return (frame, times) => {
    rooms.take(frame, times);
    // Nothing comes back of them.
    view.setBigUint64(options.dataOut, 0n, true);
    view.setUint32(options.sizeOut, 0, true);
    view.setUint32(options.flags, BPF_F_TEST_XDP_LIVE_FRAMES, true);
    view.setUint32(options.batchSize, 64, true);
    checked('bpf_prog_test_run_opts', testRun(program, rooms.described));
  };
}

/** What bpf_test_run_opts points to, in buffers that stay where they are, as long as somebody holds the result. */
function runRooms(context: Uint8Array) {
  const [input, output, described, ownContext] = [
    fixedRoom(roomBytes),
    fixedRoom(roomBytes),
    fixedRoom(options.size),
    fixedRoom(context.length),
  ];
  ownContext.set(context);
  const view = new DataView(described.buffer);
  view.setBigUint64(0, BigInt(options.size), true);
  view.setBigUint64(options.dataIn, address(input), true);
  view.setBigUint64(options.dataOut, address(output), true);
  view.setBigUint64(options.contextIn, address(ownContext), true);
  view.setUint32(options.contextSize, ownContext.length, true);
  return {
    output,
    described,
    view,
    contextView: new DataView(ownContext.buffer),
    take(packet: Uint8Array, times: number): void {
      input.set(packet);
      view.setUint32(options.sizeIn, packet.length, true);
      view.setUint32(options.sizeOut, output.length, true);
      view.setUint32(options.repeat, times, true);
    },
  };
}

/** A buffer of its own, which V8 does not move. */
function fixedRoom(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(bytes));
}
