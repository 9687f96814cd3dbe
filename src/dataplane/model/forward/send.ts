/** The last step of every method. As bpf/lib/forward/send.h and bpf/lib/forward/fragment.h. */

import type { World } from '../memory.ts';
import type { Outcome } from '../outcome.ts';
import type { Reason } from '../reason.ts';
import { cut } from './cut.ts';
import type { Via } from './plan.ts';

export function send(frame: Uint8Array, route: Via): Outcome {
  return { fate: 'redirected', frame, before: [], interface: route.interface, nextHop: route.nextHop };
}

/**
 * The kernel does not fragment what it is handed, so the fragments are sent one by one. All but the last need the
 * neighbour's MAC: while it is not known only the first one leaves, which makes the kernel ask for it.
 */
export function sendInFragments(world: World, frame: Uint8Array, route: Via): Outcome | Reason {
  const fragments = cut(frame, route.mtu)?.map((fragment) => withMacs(world, fragment, route));
  const [first] = fragments ?? [];
  const last = fragments?.at(-1);
  if (!fragments || !first || !last) return 'cannot_fragment';
  if (!route.mac) return send(first, route);
  return { ...send(last, route), before: fragments.slice(0, -1) } as Outcome;
}

export function withMacs({ interfaces }: World, frame: Uint8Array, route: Via): Uint8Array {
  const own = interfaces.get(route.interface)?.mac;
  if (route.mac && own) {
    frame.set(route.mac);
    frame.set(own, 6);
  }
  return frame;
}
