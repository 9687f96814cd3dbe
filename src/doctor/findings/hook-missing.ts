/** Clients come in by an interface that does not carry the director. */

import type { Disorder } from '../finding.ts';
import { holders, virtualAddresses } from './common.ts';

export const hookMissing: Disorder = {
  code: 'hook-missing',
  title: 'The director is not on the interface that clients come in by',
  breaks: 'What comes in there goes up the local stack, which refuses it.',
  onDirector: (view) => {
    const asked = new Set(virtualAddresses(view).filter((vip) => holders(view, vip).length > 0));
    const segments = new Set(
      view.answerers.filter(({ vip }) => asked.has(vip)).map((answerer) => answerer.interface),
    );
    return view.state.interfaces
      .filter(({ name, hooks }) => segments.has(name) && hooks.length === 0)
      .map(({ name, mode, note }) => ({
        problem: `no program of the director is on ${name}`,
        evidence: [
          `fairlead status: ${name} none${mode === 'auto' ? '' : `, forced ${mode}`}${note ? `; ${note}` : ''}`,
        ],
        host: { role: 'director', interface: name } as const,
        cure:
          mode === 'auto'
            ? ({ on: 'director', commands: [], note: note ?? 'see the log of fairleadd' } as const)
            : ({ on: 'director', commands: [`fairlead interface ${name} auto`] } as const),
      }));
  },
};
