/** Words about the health of a real server, for whoever shows it. Pure. */

import type { ServerHealth, ServerState } from '../../api/health.ts';

/** Why a real server is in its state. A check that fails now says more than what was decided some time ago. */
export function whyOf({ state, checks, reason }: ServerHealth): string {
  const told = byOthers[state];
  if (told !== undefined) return told;
  const failing = checks.find(({ verdict, said }) => verdict === 'down' && said !== undefined);
  return state !== 'down' && failing ? `${failing.name}: ${failing.said}` : reason;
}

/** What its checks have nothing to do with. */
const byOthers: Readonly<Partial<Record<ServerState, string>>> = {
  disabled: 'weight 0 is wanted',
  maintenance: 'a file keeps it out',
  standby: 'the sorry server serves',
};

/** `5s`, `3m`, `2h`, `4d` */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
