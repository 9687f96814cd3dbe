/** What others have claimed, as far as it may still be so. Pure. */

import type { AddressClaim } from '../ipvs/claim.ts';

/** A claim counts for so long, unless the claimant is seen to do otherwise. */
const recentSeconds = 60;

export function isRecent({ lastSecondsAgo }: AddressClaim): boolean {
  return lastSecondsAgo < recentSeconds;
}

/** For how many seconds more it counts, if it is not made again. */
export function secondsToGo({ lastSecondsAgo }: AddressClaim): number {
  return recentSeconds - lastSecondsAgo;
}
