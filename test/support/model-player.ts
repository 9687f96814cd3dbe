/** The model (dataplane/model) as a player: the same world, said in its own words. */

import { createRandom } from '../../src/compare/random.ts';
import type { Interface, Hook as ModelHook, World as ModelWorld } from '../../src/dataplane/model/memory.ts';
import { createModel, type Model } from '../../src/dataplane/model/model.ts';
import type { Outcome } from '../../src/dataplane/model/outcome.ts';
import { macOf } from './frame/build.ts';
import type { Limits, Player, Seen } from './player.ts';
import { indexOf, routesOf } from './routes.ts';
import { changed, world as usualWorld, type World } from './world.ts';

const millisecond = 1_000_000n;
const beginning = 1_000_000n * millisecond;
/**
 * The model reckons with a hundred days at most, somebody's clock may go on for years: what is taken off it is a
 * multiple of all periods in which stamps repeat.
 */
const longestPeriod = 2n ** 47n;
const usualLimits: Limits = { connections: 4096, halfOpen: 4096 };

/**
 * With `hook`, as if that stood in front; a packet table's model is TC alone. With `clock`, in nanoseconds, the time is
 * somebody else's to advance.
 */
export function modelPlayer(hook: ModelHook = 'tc', clock?: () => bigint): Player {
  const random = createRandom('a model');
  let now = beginning;
  let epoch = 0n;
  let world = usualWorld;
  let routes = routesOf(world);
  let model: Model;
  const interfaces = new Map<number, Interface>();
  const around: ModelWorld = {
    clock: () => (clock ? clock() - epoch : now),
    routes: (address) => routes(address),
    interfaces,
    draw: random.below,
  };
  const move = (next: World): void => {
    world = next;
    routes = routesOf(world);
    for (const { name, mac, mtu } of world.interfaces) {
      interfaces.set(indexOf(world, name), { name, mac: macOf(mac), mtu, xdp: true });
    }
  };
  const renew = (limits: Limits): void => {
    model = createModel(around, limits);
  };
  const clear = (): void => {
    now = beginning;
    if (clock) epoch = clock() - (clock() % longestPeriod);
    move(usualWorld);
    renew(usualLimits);
  };
  clear();
  return {
    hook: 'model',
    get plane() {
      return model;
    },
    receive: (frame, device = 'eth0') => seen(model.receive(hook, indexOf(world, device), frame), frame),
    leave: (frame, device = 'eth0') => seen(model.leave(indexOf(world, device), frame), frame),
    advance: (milliseconds) => {
      now += BigInt(milliseconds) * millisecond;
    },
    limit: renew,
    withoutDaemon: (action) => {
      action();
      model.sweep();
    },
    ip: (words) => move(changed(world, words)),
    clear,
  };
}

function seen(outcome: Outcome, frame: Uint8Array): Seen {
  switch (outcome.fate) {
    case 'dropped':
      return { fate: 'dropped', by: 'tc', packet: frame };
    case 'stack':
      return { fate: 'stack', by: 'tc', packet: outcome.frame };
    case 'redirected':
      return {
        ...{ fate: 'forwarded', by: 'tc', packet: outcome.frame },
        ...(outcome.before.length > 0 && { before: outcome.before }),
      };
    case 'forwarded':
      return { fate: 'forwarded', by: 'xdp', packet: outcome.frame };
  }
}
