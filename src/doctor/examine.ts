/** Examinations: a view is gathered, judged and reported. Each needs root, and throws SYSTEM_CALL or NO_PROGRAM. */

import type { Address } from '../ipvs/address.ts';
import { virtualAddressesOf } from './entrances.ts';
import { judge } from './findings.ts';
import { viewOfClient } from './gather/client.ts';
import { viewOfDirector } from './gather/director.ts';
import { type RealServerQuestion, viewOfRealServer } from './gather/real-server.ts';
import { remarksOf } from './remarks.ts';
import type { Report } from './report.ts';
import type { DirectorState } from './view.ts';

export async function examineDirector(state: DirectorState): Promise<Report> {
  const view = await viewOfDirector(state);
  const vips = virtualAddressesOf(state);
  return { place: 'director', vips, findings: judge(view), remarks: remarksOf(view) };
}

export async function examineRealServer(question: RealServerQuestion): Promise<Report> {
  const view = await viewOfRealServer(question);
  return { place: 'realserver', vips: view.vips, findings: judge(view), remarks: [] };
}

/** Without addresses it looks at all neighbours. Of what there is no way to, nothing can be said. */
export async function examineClient(wanted: readonly Address[]): Promise<Report> {
  const view = await viewOfClient(wanted);
  const isReached = (vip: Address): boolean =>
    ['unicast', 'local'].includes(view.host.routes.get(vip)?.type ?? '');
  const remarks = view.vips
    .filter((vip) => !isReached(vip))
    .map((vip) => ({ what: vip, why: 'there is no route to it from here' }));
  return { place: 'client', vips: view.vips.filter(isReached), findings: judge(view), remarks };
}
