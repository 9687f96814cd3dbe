/** This machine as a real server: what of its set-up still holds, and what is wrong. */

import type { Address } from '../../ipvs/address.ts';
import { isolationStatus } from '../isolate/isolation.ts';
import { joinWords } from '../join/join-words.ts';
import { askMachine, type Installation, membership } from '../join/realserver.ts';
import { inspect, type Row } from './inspect.ts';

/**
 * Of these virtual addresses, or of those that it has joined for. No rows where there are none of either. It takes root.
 * Throws REALSERVER_FAILED, NO_BPF, NO_LIBRARY, SYSTEM_CALL.
 */
export async function check(installation: Installation, named: readonly Address[]): Promise<readonly Row[]> {
  const [machine, joined] = [await askMachine(installation), await membership(installation)];
  const vips = named.length > 0 ? named : (joined?.wanted.vips ?? []);
  if (vips.length === 0) return [];
  const programs = isolationStatus();
  const rows = inspect(
    machine,
    vips,
    (vip, device) => programs?.vips.includes(vip) === true && programs.interfaces.includes(device),
  );
  const missing = joined?.lines.filter(({ outcome }) => outcome === 'missing') ?? [];
  const lost = missing.map(
    ({ what }): Row => ({
      ...{ code: 'not-as-joined', state: 'wrong' },
      evidence: `${what}: no longer as join has left it`,
      breaks: 'what it is for, now or from the next boot on',
      cure: joined === undefined ? [] : [`fairlead realserver join ${joinWords(joined.wanted)}`],
    }),
  );
  return [...rows, ...lost];
}
