/** A scenario from a seed and a number: the same ones give the same scenario, everywhere. Pure. */

import type { Feature } from '../features.ts';
import { slotOf } from '../network.ts';
import { createRandom, type Random } from '../random.ts';
import type { Scenario, Step } from '../scenario.ts';
import { changeMarks } from './marks.ts';
import { addServer, deleteServer, editServer } from './servers.ts';
import { addService, clear, deleteService, editService, zero } from './services.ts';
import { defence, expiry, mistake, sysctl, timeouts } from './settings.ts';
import type { Making } from './state.ts';
import { traffic } from './traffic.ts';

/** How often each thing is done, once the director is set up. */
const weights = {
  traffic: 40,
  addServer: 10,
  editServer: 10,
  deleteServer: 6,
  addService: 6,
  editService: 4,
  deleteService: 3,
  look: 6,
  mistake: 3,
  pause: 3,
  zero: 2,
  clear: 1,
};

export function generate(seed: number, number: number, features: readonly Feature[]): Scenario {
  const random = createRandom(`${seed}/${number}`);
  const making: Making = {
    ...{ slot: slotOf(number), random, features: compatible(features, random) },
    ...{ services: [], flows: [], steps: [] },
  };
  if (features.includes('timeouts') && random.chance(0.1)) timeouts(making);
  setUp(making);
  traffic(making);
  const count = 2 + random.below(8);
  const defended = features.includes('defence') && random.chance(0.06);
  const rare = {
    sysctl: features.includes('sysctl') ? 8 : 0,
    changeMarks: making.services.some(({ words }) => words[0] === '-f') ? 6 : 0,
    defence: defended ? 30 : 0,
  };
  for (let done = 0; done < count; done += 1) {
    acts[random.weighted({ ...weights, ...rare })](making);
  }
  if (features.includes('expiry') && random.chance(0.04)) expiry(making);
  making.steps.push({ kind: 'look', counters: !making.steps.some(isFragmented) });
  return { name: `seed ${seed}, scenario ${number}`, number, steps: making.steps };
}

/** Some things do not come out alike together (known.ts): then scenarios have either the one or the others. */
function compatible(features: readonly Feature[], random: Random): readonly Feature[] {
  const without: Feature[] = [];
  if (features.includes('fragments')) {
    without.push(...(random.chance(0.3) ? (['tunnel', 'ops'] as const) : (['fragments'] as const)));
  }
  if (features.includes('local')) without.push(random.chance(0.3) ? 'sctp' : 'local');
  return features.filter((feature) => !without.includes(feature));
}

function isFragmented(step: Step): boolean {
  return step.kind === 'send' && step.fragment !== undefined;
}

function setUp(making: Making): void {
  const services = making.random.weighted({ one: 3, two: 2 }) === 'one' ? 1 : 2;
  for (let index = 0; index < services; index += 1) addService(making);
  for (const service of making.services) {
    const count = 1 + making.random.below(4);
    for (let index = 0; index < count; index += 1) addServer(making, service);
  }
}

const acts: Readonly<
  Record<keyof typeof weights | 'sysctl' | 'changeMarks' | 'defence', (making: Making) => void>
> = {
  ...{ traffic, addServer: (making) => addServer(making), editServer, deleteServer },
  ...{ addService, editService, deleteService, mistake, zero, clear, sysctl },
  ...{ changeMarks, defence },
  look: ({ steps }) => void steps.push({ kind: 'look', counters: false }),
  pause: ({ steps, random }) => void steps.push({ kind: 'pause', seconds: random.pick([0.2, 1]) }),
};
