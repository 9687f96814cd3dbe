/** A person has forced XDP on an interface whose other end does not take frames from it. */

import type { Disorder } from '../finding.ts';

export const hookForced: Disorder = {
  code: 'hook-forced',
  title: 'XDP is forced on a virtual interface',
  breaks:
    'A virtual interface sends what XDP has forwarded only if its other end runs XDP as well; else the packets are lost without a word.',
  onDirector: ({ state, host }) =>
    state.interfaces
      .filter(({ mode, hooks }) => mode === 'xdp' && hooks.includes('xdp'))
      .flatMap(({ name }) => {
        const kind = host.interfaces.find((device) => device.name === name)?.kind;
        if (kind === undefined) return [];
        return [
          {
            problem: `XDP is forced on ${name}, which is a virtual interface (${kind})`,
            evidence: [`fairlead status: ${name} xdp, forced`],
            host: { role: 'director', interface: name } as const,
            cure: { on: 'director', commands: [`fairlead interface ${name} auto`] } as const,
          },
        ];
      }),
};
