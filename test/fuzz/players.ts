/** The two data planes that the fuzzer compares, made once: the kernel's on a bench of its own, and the model. */

import { type Bench, createBench } from '../support/bench.ts';
import { modelPlayer } from '../support/model-player.ts';
import type { Passage } from '../support/passage.ts';
import type { Player, Seen } from '../support/player.ts';
import type { Players } from './campaign.ts';

export function openPlayers(): { readonly players: Players; readonly close: () => void } {
  const bench = createBench();
  return { players: playersOn(bench), close: bench.remove };
}

export function playersOn(bench: Bench): Players {
  const kernel = { tc: kernelPlayer(bench, 'tc'), xdp: kernelPlayer(bench, 'xdp') };
  const model = { tc: modelPlayer('tc', bench.now), xdp: modelPlayer('xdp', bench.now) };
  return { kernel: (hook) => kernel[hook], model: (hook) => model[hook], inside: bench.inside };
}

/** As fast as it goes: what is seen is valid until the next packet. */
function kernelPlayer(bench: Bench, hook: 'tc' | 'xdp'): Player {
  return {
    hook,
    get plane() {
      return bench.plane;
    },
    receive: (frame, device) => {
      if (hook === 'xdp') {
        const passage = bench.run('xdp', frame, device);
        if (passage.fate !== 'stack') return seen(passage, 'xdp');
      }
      return byTc(bench, frame, device);
    },
    leave: (frame, device) => seen(bench.run('out', frame, device), 'tc'),
    advance: bench.advance,
    limit: bench.limit,
    withoutDaemon: bench.withoutDaemon,
    ip: bench.ip,
    clear: bench.clear,
  };
}

/** Less than the narrowest way takes, with a tunnel's headers: nothing shorter is cut into fragments. */
const narrowest = 1200;

function byTc(bench: Bench, frame: Uint8Array, device?: string): Seen {
  if (frame.length <= narrowest) return seen(bench.run('tc', frame, device), 'tc');
  bench.left();
  const passage = seen(bench.run('tc', frame, device), 'tc');
  return { ...passage, before: bench.left() };
}

function seen({ fate, packet }: Passage, by: Seen['by']): Seen {
  return { fate, by, packet };
}
