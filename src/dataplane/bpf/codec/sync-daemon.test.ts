import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import type { SyncDaemon, SyncRole } from '../../../ipvs/sync-daemon.ts';
import { flSettings } from '../abi.gen.ts';
import { decode, encode } from '../layout.ts';
import { defaultSettings } from '../settings.ts';
import { decodeSyncDaemons, encodeSyncDaemons } from './sync-daemon.ts';

const daemon = (role: SyncRole): fc.Arbitrary<SyncDaemon> =>
  fc.record({
    role: fc.constant(role),
    interface: fc.stringMatching(/^[a-z0-9.@]{1,15}$/),
    syncId: fc.nat(255),
    group: fc.constantFrom(
      '224.0.0.81',
      '239.255.255.255',
      'ff02::81',
      'ff0e::102:304',
    ) as fc.Arbitrary<Address>,
    port: fc.integer({ min: 1, max: 65535 }) as fc.Arbitrary<Port>,
    ttl: fc.integer({ min: 1, max: 255 }),
    maxLength: fc.integer({ min: 1, max: 65507 }),
  });

it('sync daemons are kept in the settings as they were started, the master first', () => {
  fc.assert(
    fc.property(fc.option(daemon('master')), fc.option(daemon('backup')), (master, backup) => {
      const daemons = [master, backup].flatMap((each) => each ?? []);
      const kept = encode(flSettings, {
        ...defaultSettings,
        syncDaemons: encodeSyncDaemons(daemons.toReversed()),
      });
      expect(decodeSyncDaemons(decode(flSettings, kept).syncDaemons)).toEqual(daemons);
    }),
  );
});
