/**
 * Masqueraded real servers as their own packets show them, in `masq_servers`: by address, port and protocol, with the
 * number of services that have each. nat_icmp_send goes by it. Before a commit it says at least what holds before and
 * after it, as hints do (hints.ts).
 */

import { destinationKeyText } from '../../../ipvs/service.ts';
import type { flServiceKey } from '../abi.gen.ts';
import { addressToWords } from '../codec/address.ts';
import { encodeServiceKey } from '../codec/service.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Decoded } from '../layout.ts';
import type { Change, Place } from './entries.ts';

type MasqServer = { readonly key: Decoded<typeof flServiceKey>; readonly count: number };

/** By a text of the key. */
export type MasqServers = Map<string, MasqServer>;

type Maps = Pick<DirectorMaps, 'masqServers'>;

/** How many services each gains or loses by a change. */
function gainsOf({ destinations }: Change): MasqServers {
  const gains: MasqServers = new Map();
  const gain = (place: Place, amount: number): void => {
    if (place.kind !== 'listed' || place.holding.method !== 'masq') return;
    const { address, port, service } = place.holding;
    const { protocol, family } = encodeServiceKey(service);
    const text = `${protocol} ${destinationKeyText({ address, port })}`;
    const key = { address: addressToWords(address), mark: 0, port, protocol, family };
    gains.set(text, { key, count: (gains.get(text)?.count ?? 0) + amount });
  };
  for (const { before, after } of destinations) {
    gain(after, 1);
    gain(before, -1);
  }
  return gains;
}

/** Those that come, or come once more: before the commit. */
export function writeMasqServers(maps: Maps, known: MasqServers, change: Change): void {
  write(maps, known, change, (gain) => gain > 0);
}

/** Those that go: after it. */
export function settleMasqServers(maps: Maps, known: MasqServers, change: Change): void {
  write(maps, known, change, (gain) => gain < 0);
}

function write(maps: Maps, known: MasqServers, change: Change, when: (gain: number) => boolean): void {
  const counts = [...gainsOf(change)]
    .filter(([, { count: gain }]) => when(gain))
    .map(([text, { key, count: gain }]) => ({ key, value: (known.get(text)?.count ?? 0) + gain }));
  maps.masqServers.setMany(counts.filter(({ value }) => value > 0).map(({ key, value }) => [key, { value }]));
  for (const { key, value } of counts) if (value <= 0) maps.masqServers.delete(key);
}

export function rememberMasqServers(known: MasqServers, change: Change): void {
  for (const [text, { key, count: gain }] of gainsOf(change)) {
    const count = (known.get(text)?.count ?? 0) + gain;
    if (count > 0) known.set(text, { key, count });
    else known.delete(text);
  }
}

/** Makes the map what it should be, whatever a daemon that broke off has left in it. */
export function adoptMasqServers(maps: Maps, known: MasqServers): void {
  const textOf = (key: MasqServer['key']): string => JSON.stringify(key);
  const missing = new Map([...known.values()].map((server) => [textOf(server.key), server]));
  for (const [key, { value }] of [...maps.masqServers.entries()]) {
    const server = missing.get(textOf(key));
    if (!server) maps.masqServers.delete(key);
    else if (server.count === value) missing.delete(textOf(key));
  }
  maps.masqServers.setMany([...missing.values()].map(({ key, count }) => [key, { value: count }]));
}
