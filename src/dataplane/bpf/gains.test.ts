import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import { flCounts } from './abi.gen.ts';
import { type CountsMap, noCounts } from './codec/counts.ts';
import { createGains } from './gains.ts';
import { type Encodable, encodeAll } from './layout.ts';
import { trashedOf } from './service-counts.ts';
import type { DestinationEntry, ServiceEntry, TrashEntry } from './table/entries.ts';
import { noExtent } from './table/extents.ts';

type Given = Encodable<typeof flCounts>;

/** Counters of two CPUs. */
function countsMap() {
  const slots: [Given, Given][] = [];
  const map = {
    *pieces(first: number, end: number) {
      for (const cpu of [0, 1]) {
        for (let slot = first; slot < end; slot++) {
          const bytes = encodeAll(flCounts, [slots[slot]?.[cpu] ?? {}]);
          yield { first: slot, count: 1, values: new DataView(bytes.buffer) };
        }
      }
    },
  } as Partial<CountsMap> as CountsMap;
  const set = (slot: number, ...cpus: [Given, Given]): void => {
    slots[slot] = cpus;
  };
  return { map, set };
}

/** A service in a slot, with real servers in these. */
function entry(
  slot: number,
  servers: readonly number[],
  more: Partial<Pick<ServiceEntry, 'retired' | 'zeroed'>> = {},
): ServiceEntry {
  const key = { kind: 'mark', mark: slot, family: 4 } as const;
  const destinations = servers.map((own) => ({
    ...({ address: `10.0.0.${own}` as Address, port: 80 as Port, method: 'gate', weight: 1 } as const),
    ...{ upperThreshold: 0, lowerThreshold: 0, slot: own, service: key, serviceSlot: slot },
    ...{ sequence: 1, lastWeight: 1, zeroed: more.zeroed ?? noCounts, elsewhere: noCounts },
  }));
  return {
    ...{ ...key, scheduler: 'rr', flags: [], persistent: 0, netmask: 0, onePacket: false },
    ...{ slot, edition: 1, born: 1, cursor: 0n, weightGcd: 1, weightMax: 1, extent: noExtent, table: 0 },
    ...{ retired: noCounts, retirement: 0, zeroed: noCounts, destinations, ...more },
  };
}

/** What is in the trash may change, as the services may. */
function bench(services: readonly ServiceEntry[], trash: readonly TrashEntry[] = []) {
  const counts = countsMap();
  const gains = createGains({
    maps: { destinationCounts: counts.map },
    table: { services: () => services.values(), trashed: () => trashedOf(trash) },
  });
  const named = () =>
    gains().map(({ service, destination, gained }) => [
      service.kind === 'mark' && service.mark,
      destination?.address,
      gained.inPackets,
    ]);
  return { set: counts.set, named };
}

describe('what was counted', () => {
  it('is what the CPUs have counted together since it was last asked, and nothing the first time', () => {
    const { set, named } = bench([entry(1, [1, 2]), entry(2, [3])]);
    set(1, { inPackets: 5n }, { inPackets: 5n });
    expect(named()).toEqual([]);
    expect(named()).toEqual([]);
    set(1, { inPackets: 6n }, { inPackets: 2n ** 40n });
    set(2, {}, { inPackets: 3n });
    expect(named()).toEqual([
      [1, undefined, 2 ** 40 - 1],
      [1, '10.0.0.1', 2 ** 40 - 4],
      [1, '10.0.0.2', 3],
    ]);
    expect(named()).toEqual([]);
  });

  it('of a service has what a real server counted before it was removed, and nothing of its way out of the trash', () => {
    const services = [entry(1, [1, 2])];
    const trash: TrashEntry[] = [];
    const { set, named } = bench(services, trash);
    named();
    const [first, second] = entry(1, [1, 2]).destinations as [DestinationEntry, DestinationEntry];
    set(2, { inPackets: 7n }, {});
    services[0] = { ...entry(1, []), destinations: [first] };
    trash.push({ ...second, deletedAt: 1n, until: 1 });
    expect(named()).toEqual([[1, undefined, 7]]);
    services[0] = { ...entry(1, [1], { retired: { ...noCounts, inPackets: 7n } }), destinations: [first] };
    trash.length = 0;
    expect(named()).toEqual([]);
  });

  it('counts from where the counters were zeroed, or the slot was cleared for another', () => {
    const services = [entry(1, [1]), entry(2, [2])];
    const { set, named } = bench(services);
    set(1, { inPackets: 50n }, {});
    set(2, { inPackets: 50n }, {});
    named();
    services[0] = entry(1, [1], { zeroed: { ...noCounts, inPackets: 100n } });
    set(1, { inPackets: 103n }, {});
    set(2, { inPackets: 7n }, {});
    expect(named()).toEqual([
      [1, undefined, 3],
      [1, '10.0.0.1', 3],
      [2, undefined, 7],
      [2, '10.0.0.2', 7],
    ]);
  });
});
