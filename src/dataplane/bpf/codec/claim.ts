/** Claims to virtual addresses (struct fl_claim). Pure. */

import { type AddressClaim, claimKinds } from '../../../ipvs/claim.ts';
import { FlClaimKind, type flClaim, type flClaimKey } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { addressFromWords } from './address.ts';

const bits = {
  question: FlClaimKind.FL_CLAIM_QUESTION,
  answer: FlClaimKind.FL_CLAIM_ANSWER,
  announcement: FlClaimKind.FL_CLAIM_ANNOUNCEMENT,
  probe: FlClaimKind.FL_CLAIM_PROBE,
} as const;

/** Without the name of the interface, which the maps do not know. */
export function decodeClaim(
  key: Decoded<typeof flClaimKey>,
  claim: Decoded<typeof flClaim>,
  now: bigint,
): Omit<AddressClaim, 'interface'> & { readonly interface: number } {
  // Never in the future: the programs' coarse clock lags.
  const age = (at: bigint): number => Math.max(0, Number((now - at) / 1_000_000_000n));
  return {
    vip: addressFromWords(key.family, key.vip),
    mac: key.mac.map((octet) => octet.toString(16).padStart(2, '0')).join(':'),
    interface: key.interface,
    kinds: claimKinds.filter((kind) => claim.kinds & bits[kind]),
    count: claim.count,
    firstSecondsAgo: age(claim.firstSeen),
    lastSecondsAgo: age(claim.lastSeen),
  };
}
