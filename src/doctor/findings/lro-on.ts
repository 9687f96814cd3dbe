/** The card merges packets on their way in, which must not be where packets are forwarded. */

import type { Disorder } from '../finding.ts';

export const lroOn: Disorder = {
  code: 'lro-on',
  title: 'Large receive offload is on',
  breaks:
    'The card merges packets beyond recognition: what is forwarded is larger than it may be and is refused, and XDP cannot be attached.',
  onDirector: ({ state, merging }) =>
    state.interfaces
      .filter(({ name, hooks }) => hooks.length > 0 && merging.has(name))
      .map(({ name }) => ({
        problem: `large receive offload is on at ${name}`,
        evidence: [`ethtool -k ${name}: large-receive-offload: on`],
        host: { role: 'director', interface: name } as const,
        cure: { on: 'director', commands: [`ethtool -K ${name} lro off`] } as const,
      })),
};
