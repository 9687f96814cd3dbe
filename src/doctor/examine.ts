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

/** Without addresses it looks at all neighbours. */
export async function examineClient(vips: readonly Address[]): Promise<Report> {
  const view = await viewOfClient(vips);
  return { place: 'client', vips: view.vips, findings: judge(view), remarks: [] };
}
