import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import { flCounts } from './abi.gen.ts';
import { type Counts, type CountsMap, noCounts } from './codec/counts.ts';
import { createGains } from './gains.ts';
import { type Encodable, encodeAll } from './layout.ts';
import type { ServiceEntry } from './table/entries.ts';
import { noExtent } from './table/extents.ts';

type Given = Encodable<typeof flCounts>;

/** Counters of two CPUs, and how many slots of them have been read. */
function countsMap() {
  const slots: [Given, Given][] = [];
  const map = {
    *pieces(first: number, end: number) {
      for (const cpu of [0, 1]) {
        for (let slot = first; slot < end; slot++) {
          const bytes = encodeAll(flCounts, [slots[slot]?.[cpu] ?? {}]);
          if (cpu === 0) read.slots++;
          yield { first: slot, count: 1, values: new DataView(bytes.buffer) };
        }
      }
    },
  } as Partial<CountsMap> as CountsMap;
  const read = { slots: 0 };
  const set = (slot: number, ...cpus: [Given, Given]): void => {
    slots[slot] = cpus;
  };
  return { map, read, set };
}

/** A service in a slot, with real servers in these. */
function entry(slot: number, servers: readonly number[], zeroed: Counts = noCounts): ServiceEntry {
  const key = { kind: 'mark', mark: slot, family: 4 } as const;
  const destinations = servers.map((own) => ({
    ...({ address: `10.0.0.${own}` as Address, port: 80 as Port, method: 'gate', weight: 1 } as const),
    ...{ upperThreshold: 0, lowerThreshold: 0, slot: own, service: key, serviceSlot: slot },
    ...{ sequence: 1, lastWeight: 1, zeroed },
  }));
  return {
    ...{ ...key, scheduler: 'rr', flags: [], persistent: 0, netmask: 0, onePacket: false },
    ...{ slot, edition: 1, born: 1, cursor: 0n, weightGcd: 1, weightMax: 1, extent: noExtent, table: 0 },
    ...{ zeroed, destinations },
  };
}

function bench(services: readonly ServiceEntry[]) {
  const [serviceCounts, destinationCounts] = [countsMap(), countsMap()];
  const maps = { serviceCounts: serviceCounts.map, destinationCounts: destinationCounts.map };
  const gains = createGains({ maps, services: () => services });
  const named = () =>
    gains().map(({ service, destination, gained }) => [
      service.kind === 'mark' && service.mark,
      destination?.address,
      gained.inPackets,
    ]);
  return { serviceCounts, destinationCounts, named };
}

describe('what was counted', () => {
  it('is what the CPUs have counted together since it was last asked, and nothing the first time', () => {
    const { serviceCounts, destinationCounts, named } = bench([entry(1, [1, 2]), entry(2, [3])]);
    for (const counts of [serviceCounts, destinationCounts])
      counts.set(1, { inPackets: 5n }, { inPackets: 5n });
    expect(named()).toEqual([]);
    expect(named()).toEqual([]);
    serviceCounts.set(1, { inPackets: 6n }, { inPackets: 2n ** 40n });
    destinationCounts.set(1, { inPackets: 6n }, { inPackets: 2n ** 40n });
    expect(named()).toEqual([
      [1, undefined, 2 ** 40 - 4],
      [1, '10.0.0.1', 2 ** 40 - 4],
    ]);
    expect(named()).toEqual([]);
  });

  it('is not asked of real servers whose service has counted nothing', () => {
    const { serviceCounts, destinationCounts, named } = bench([entry(1, [1, 2, 3]), entry(2, [7])]);
    named();
    destinationCounts.read.slots = 0;
    named();
    expect(destinationCounts.read.slots).toBe(0);
    serviceCounts.set(2, { connections: 1n }, {});
    named();
    expect(destinationCounts.read.slots).toBe(1);
  });

  it('counts from where the counters were zeroed, or the slot was cleared for another', () => {
    const zeroed = { ...noCounts, inPackets: 100n };
    const services = [entry(1, []), entry(2, [])];
    const { serviceCounts, named } = bench(services);
    serviceCounts.set(1, { inPackets: 50n }, {});
    serviceCounts.set(2, { inPackets: 50n }, {});
    named();
    services[0] = entry(1, [], zeroed);
    serviceCounts.set(1, { inPackets: 103n }, {});
    serviceCounts.set(2, { inPackets: 7n }, {});
    expect(named()).toEqual([
      [1, undefined, 3],
      [2, undefined, 7],
    ]);
  });
});
