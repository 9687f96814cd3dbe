/** What was not forwarded, by reason, with the last example of each. Pure. */

import { endpointText } from '../../../ipvs/address.ts';
import type { NotForwardedExample } from '../../dataplane.ts';
import { FlReason, type flNotForwardedExample } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { addressFromWords } from './address.ts';

/** Reasons by number: `FL_REASON_NO_SERVER` is reported as `no_server`. */
export const reasons: readonly (readonly [reason: string, index: number])[] = Object.entries(FlReason)
  .filter(([name]) => name !== 'FL_REASONS')
  .map(([name, index]) => [name.replace('FL_REASON_', '').toLowerCase(), index]);

/** `undefined` while there is none. */
export function decodeExample(
  { at, key, bytes, ...example }: Decoded<typeof flNotForwardedExample>,
  now: bigint,
): NotForwardedExample | undefined {
  if (at === 0n) return undefined;
  return {
    // Never in the future: the coarse clock of the programs lags, but tests set theirs.
    secondsAgo: Math.max(0, Number((now - at) / 1_000_000_000n)),
    protocol: key.protocol,
    client: endpointText(addressFromWords(key.family, key.client), key.clientPort),
    virtual: endpointText(addressFromWords(key.family, key.vip), key.virtualPort),
    interface: example.interface,
    bytes,
  };
}
