import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import type { Scheduler } from '../../../ipvs/schedulers.ts';
import { fullNetmask } from '../../../ipvs/service.ts';
import { createTally } from '../../../ipvs/weights.ts';
import { noCounts } from '../codec/counts.ts';
import { web } from './change.fixture.ts';
import { fitCursor } from './cursor.ts';
import { createDraft } from './draft.ts';
import type { DestinationEntry, ServiceEntry } from './entries.ts';
import { noExtent } from './extents.ts';

const service = (
  scheduler: Scheduler,
  destinations: readonly DestinationEntry[],
  cursor = 0n,
): ServiceEntry => ({
  ...{ ...web, scheduler, flags: [], persistent: 0, netmask: fullNetmask(4), onePacket: false },
  ...{ slot: 1, edition: 1, born: 1, cursor, weightGcd: 1, weightMax: 0, extent: noExtent, table: 0 },
  ...{ retired: noCounts, retirement: 0, zeroed: noCounts, destinations },
});

const server = (number: number, weight: number, sequence: number): DestinationEntry => ({
  ...{ address: `10.0.${number >> 8}.${number & 255}` as Address, port: 80 as Port, method: 'gate', weight },
  ...{ upperThreshold: 0, lowerThreshold: 0, slot: number + 1, service: web, serviceSlot: 1 },
  ...{ zeroed: noCounts, elsewhere: noCounts, sequence, lastWeight: weight },
});

it('real servers that change in a draft come to what lists changed one by one come to', () => {
  const change = fc.record({ number: fc.nat(6), weight: fc.nat(4), goes: fc.boolean() });
  const scheduler = fc.constantFrom<Scheduler>('rr', 'wrr', 'wlc');
  fc.assert(
    fc.property(scheduler, fc.array(change), (name, changes) => {
      let [list, cursor]: [readonly DestinationEntry[], bigint] = [[server(0, 3, 1)], 3n << 32n];
      const draft = createDraft(service(name, list, cursor), cursor);
      for (const { number, weight, goes } of changes) {
        const sequence = (list[0]?.sequence ?? 0) + 1;
        const at = list.findIndex(({ slot }) => slot === number + 1);
        const old = list[at];
        expect(draft.find(server(number, 0, 0))).toEqual(old);
        expect(draft.newest()).toEqual(list[0]);
        const entry = server(number, weight, old?.sequence ?? sequence);
        if (old && goes) {
          draft.remove(old);
          list = list.toSpliced(at, 1);
        } else if (old) {
          draft.replace(entry);
          list = list.with(at, entry);
        } else {
          draft.add(entry);
          list = [entry, ...list];
        }
        const weights = createTally(list.map((each) => each.weight));
        cursor = fitCursor(name, cursor, { newest: list[0]?.sequence ?? 0, weights });
      }
      const { after } = draft.change();
      expect(after.destinations).toEqual(list);
      expect(after.edition).toBe(1 + changes.length);
      if (changes.length > 0) expect(after.cursor).toBe(cursor);
    }),
  );
});

it.each(['rr', 'wrr', 'wlc'] as const)(
  'a change of each of many real servers of %s looks at each a few times, however many there are',
  (scheduler) => {
    const looksFor = (count: number): number => {
      let looks = 0;
      const servers = Array.from({ length: count }, (_, number) => {
        const each = server(number, 1 + (number % 7), count - number);
        const { weight } = each;
        return Object.defineProperty({ ...each }, 'weight', {
          get() {
            looks++;
            return weight;
          },
        });
      });
      const draft = createDraft(service(scheduler, servers), 0n);
      for (const each of servers) {
        draft.replace({ ...each, weight: 8 });
        draft.find(each);
      }
      draft.change();
      return looks;
    };
    expect(looksFor(2000)).toBe(2 * looksFor(1000));
  },
);
