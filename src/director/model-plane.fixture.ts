/** A data plane for this room's tests: the model on a host without a network. */

import { createModel, type Model } from '../dataplane/model/model.ts';
import type { Clocks } from './expiry.ts';

export const stoppedClocks: Clocks = { now: () => 0, worked: () => 0 };

/** With one interface, eth0. The clock stands still. */
export function createTestPlane(): Model {
  return createModel({
    clock: () => 1_000_000_000n,
    routes: () => ({ kind: 'unreachable' }),
    interfaces: new Map([[2, { name: 'eth0', mac: new Uint8Array(6), mtu: 1500, xdp: false }]]),
    draw: () => 0,
  });
}
