/** The director's own connections to a real server come from the virtual IPv6 address. */

import { familyOf } from '../../ipvs/address.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorView } from '../view.ts';
import { holders, virtualAddresses } from './common.ts';

export const vipAsSource: Disorder = {
  code: 'vip-as-source',
  title: 'The director speaks to real servers as the virtual IPv6 address',
  breaks:
    'They hold it themselves, so that their answers never leave them: health checks and whatever else the director asks them hang.',
  onDirector: (view) => virtualAddresses(view).flatMap((vip) => caseOf(view, vip) ?? []),
};

function caseOf(view: DirectorView, vip: ReturnType<typeof virtualAddresses>[number]): Case | undefined {
  if (familyOf(vip) !== 6) return undefined;
  const servers = view.probes
    .filter(({ destination }) => destination.method !== 'masq')
    .map(({ destination }) => destination.address)
    .filter((address) => view.host.routes.get(address)?.source === vip);
  const [first] = servers;
  const [device] = holders(view, vip);
  if (first === undefined || device === undefined) return undefined;
  return {
    problem: `this director speaks as ${vip} to ${[...new Set(servers)].join(', ')}`,
    evidence: [`ip -6 route get ${first}: src ${vip}`],
    host: { role: 'director', interface: device },
    vip,
    cure: { on: 'director', commands: [`ip -6 addr change ${vip}/128 dev ${device} preferred_lft 0`] },
  };
}
