/** The ports of a first fragment, for those that follow it and carry none. As bpf/lib/fragments.h. */

import type { Memory } from './memory.ts';
import { type Packet, type Ports, protocolNumbers } from './packet/packet.ts';

/** A datagram's fragments come within this time (net.ipv4.ipfrag_time), or are of another one. */
const lifetimeNanoseconds = 30e9;

export function rememberFragment(memory: Memory, packet: Packet, now: number): void {
  const { fragments, limits } = memory;
  const { clientPort, virtualPort } = packet;
  const key = fragmentKey(packet);
  fragments.delete(key);
  if (fragments.size >= limits.fragments) forgetOldest(fragments);
  fragments.set(key, { clientPort, virtualPort, lastSeen: now });
}

/** A first fragment begins a datagram anew: what was remembered by its identification was of another one. */
export function forgetFragment({ fragments }: Memory, packet: Packet): void {
  fragments.delete(fragmentKey(packet));
}

export function portsOfFragment(memory: Memory, packet: Packet, now: number): Ports | undefined {
  const fragment = memory.fragments.get(fragmentKey(packet));
  if (!fragment || now > fragment.lastSeen + lifetimeNanoseconds) return undefined;
  const { clientPort, virtualPort } = fragment;
  return { clientPort, virtualPort };
}

function fragmentKey({ protocol, client, virtual, headers }: Packet): string {
  return `${protocolNumbers[protocol]} ${client} ${virtual} ${headers.id}`;
}

function forgetOldest(fragments: Memory['fragments']): void {
  for (const key of fragments.keys()) {
    fragments.delete(key);
    return;
  }
}
