/** A case that was written down, step by step: what each of the two data planes makes of it. */

import { type Players, play } from './campaign.ts';
import type { Case } from './step.ts';

export function replay(players: Players, given: Case): { readonly text: string; readonly differs: boolean } {
  const { packets, difference } = play(players, given, 1);
  if (!difference) return { text: `${given.name}: ${packets} packets, no difference\n`, differs: false };
  const { step, what, ours, theirs } = difference;
  const words = [
    `${given.name}: ${what} after step ${step}, ${JSON.stringify(given.steps[step])}`,
    `BPF:   ${ours}`,
    `model: ${theirs}`,
    '',
  ];
  return { text: words.join('\n'), differs: true };
}
