/** The smallest scenario that still differs, by leaving out steps (Zeller and Hildebrandt's ddmin). Pure but for `differ`. */

import type { Scenario, Step } from './scenario.ts';

/** Which of these scenarios differ between the sides. They may be played side by side. */
export type Differ = (candidates: readonly Scenario[]) => Promise<readonly boolean[]>;

export async function shrink(scenario: Scenario, differ: Differ): Promise<Scenario> {
  let steps = scenario.steps;
  for (let parts = 2; steps.length > 1; ) {
    const candidates = withoutOnePart(steps, parts);
    const smaller = await first(scenario, candidates, differ);
    if (smaller) {
      steps = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= steps.length) break;
    else parts = Math.min(steps.length, parts * 2);
  }
  for (let plainer = await first(scenario, plainerSteps(steps), differ); plainer; ) {
    steps = plainer;
    plainer = await first(scenario, plainerSteps(steps), differ);
  }
  return { ...scenario, name: `${scenario.name}, shrunk`, steps };
}

async function first(
  scenario: Scenario,
  candidates: readonly (readonly Step[])[],
  differ: Differ,
): Promise<readonly Step[] | undefined> {
  if (candidates.length === 0) return undefined;
  const answers = await differ(candidates.map((steps) => ({ ...scenario, steps })));
  return candidates[answers.indexOf(true)];
}

function withoutOnePart(steps: readonly Step[], parts: number): readonly (readonly Step[])[] {
  const bounds = Array.from({ length: parts + 1 }, (_, index) => Math.floor((index * steps.length) / parts));
  return bounds.slice(1).map((end, index) => [...steps.slice(0, bounds[index]), ...steps.slice(end)]);
}

/** All scenarios in which one packet is plainer. */
function plainerSteps(steps: readonly Step[]): readonly (readonly Step[])[] {
  return steps.flatMap((step, index) =>
    plainer(step).map((other) => [...steps.slice(0, index), other, ...steps.slice(index + 1)]),
  );
}

function plainer(step: Step): readonly Step[] {
  if (step.kind !== 'send' || step.packet.kind === 'icmp') return [];
  const { ttl, tos, dontFragment, ...packet } = step.packet;
  const usual = ttl === undefined && tos === undefined && dontFragment === undefined;
  const bare =
    'payload' in packet && packet.payload > 0
      ? [{ ...step, packet: { ...step.packet, payload: 0 } as typeof step.packet }]
      : [];
  return [...(usual ? [] : [{ ...step, packet }]), ...bare];
}
