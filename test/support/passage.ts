/** One packet through one program, by BPF_PROG_TEST_RUN: the contexts in bytes, the verdicts in words. */

import { packetRunner } from '../../src/linux/bpf-test-run.ts';
import type { Fd } from '../../src/linux/libbpf.ts';

/** Where a program stands: TC on the way in, XDP before it, TC on the way out. */
export type Place = 'tc' | 'xdp' | 'out';

/** In XDP, `stack` means TC first; on the way out it means on to the wire. */
export type Passage = {
  readonly fate: 'forwarded' | 'dropped' | 'stack';
  /** Valid until the next packet. */
  readonly packet: Uint8Array;
};

type Verdicts = Readonly<Record<number, Passage['fate']>>;

/** linux/pkt_cls.h and linux/bpf.h. What is not here, a director never answers. */
const tcVerdicts: Verdicts = { [-1]: 'stack', 0: 'stack', 2: 'dropped', 7: 'forwarded' };
const verdicts: Readonly<Record<Place, Verdicts>> = {
  tc: tcVerdicts,
  out: tcVerdicts,
  xdp: { 2: 'stack', 3: 'forwarded', 4: 'forwarded' },
};

/** Packets come in, or go out, by the interface with this index, of the thread's namespace. */
export function passageOf(place: Place, program: Fd, ifindex: number): (frame: Uint8Array) => Passage {
  const run =
    place === 'xdp'
      ? packetRunner(program, xdpContext(ifindex), ({ length }, context) =>
          context.setUint32(4, length, true),
        )
      : packetRunner(program, tcContext(ifindex, place === 'tc' ? ifindex : 0));
  return (frame) => {
    const { verdict, packet } = run(frame);
    const fate = verdicts[place][verdict];
    if (fate === undefined) throw new Error(`${place} answered ${verdict}`);
    return { fate, packet };
  };
}

/** What a program is told of a packet of this length that it is to see at its place. */
export function contextOf(place: Place, ifindex: number, length: number): Uint8Array {
  if (place !== 'xdp') return tcContext(ifindex, place === 'tc' ? ifindex : 0);
  const context = xdpContext(ifindex);
  new DataView(context.buffer).setUint32(4, length, true);
  return context;
}

/** struct __sk_buff, of which `ingress_ifindex` is 0 where this host sends the packet itself. */
function tcContext(ifindex: number, ingress: number): Uint8Array {
  const bytes = new Uint8Array(192);
  new DataView(bytes.buffer).setUint32(36, ingress, true);
  new DataView(bytes.buffer).setUint32(40, ifindex, true);
  return bytes;
}

/** struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex. */
function xdpContext(ifindex: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(0, 0, 0, ifindex, 0, 0).buffer);
}
