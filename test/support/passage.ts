/** One packet through one hook, by BPF_PROG_TEST_RUN: the contexts in bytes, the verdicts in words. */

import { runProgram } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';

export type Hook = 'tc' | 'xdp';
export const hooks: readonly Hook[] = ['tc', 'xdp'];

/** What becomes of a packet. In XDP, `stack` means TC first. */
export type Fate = 'forwarded' | 'redirected' | 'dropped' | 'stack';
export type Passage = { readonly fate: Fate; readonly packet: Uint8Array };

/** linux/pkt_cls.h and linux/bpf.h. What is not here, a director never answers. */
const fates: Readonly<Record<Hook, Readonly<Record<number, Fate>>>> = {
  tc: { [-1]: 'stack', 2: 'dropped', 7: 'forwarded' },
  xdp: { 2: 'stack', 3: 'forwarded', 4: 'redirected' },
};

/** The packet arrives on the interface with this index, of the thread's namespace. */
export function passThrough(hook: Hook, program: Fd, ifindex: number, frame: Uint8Array): Passage {
  const context = hook === 'tc' ? tcContext(ifindex) : xdpContext(ifindex, frame.length);
  const { verdict, packet } = runProgram(program, frame, { context });
  const fate = fates[hook][verdict];
  if (fate === undefined) throw new Error(`${hook} answered ${verdict}`);
  return { fate, packet };
}

/** struct __sk_buff: the kernel takes `ifindex` for the device the packet came in by. */
function tcContext(ifindex: number): Uint8Array {
  const bytes = new Uint8Array(192);
  new DataView(bytes.buffer).setUint32(40, ifindex, true);
  return bytes;
}

/** struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex. */
function xdpContext(ifindex: number, length: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(0, length, 0, ifindex, 0, 0).buffer);
}
