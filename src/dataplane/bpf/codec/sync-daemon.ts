/** Sync daemons as struct fl_sync_daemon, one for each role. Pure. */

import { familyOf, type Port } from '../../../ipvs/address.ts';
import { type SyncDaemon, syncRoles } from '../../../ipvs/sync-daemon.ts';
import type { flSyncDaemon } from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { addressFromWords, addressToWords, firstWord } from './address.ts';

type Kept = Decoded<typeof flSyncDaemon>;

/** Whose interface has no name. */
const none: Kept = {
  group: firstWord(0),
  interface: new Array<number>(16).fill(0),
  ...{ port: 0, maxLength: 0, family: 0, syncId: 0, ttl: 0, pad: 0 },
};

export const noSyncDaemons: readonly Kept[] = syncRoles.map(() => none);

export function encodeSyncDaemons(daemons: readonly SyncDaemon[]): readonly Kept[] {
  return syncRoles.map((role) => {
    const daemon = daemons.find((each) => each.role === role);
    return daemon ? encodeSyncDaemon(daemon) : none;
  });
}

function encodeSyncDaemon({ group, interface: name, port, maxLength, syncId, ttl }: SyncDaemon): Kept {
  const characters = none.interface.map((_, index) => Buffer.from(name)[index] ?? 0);
  const family = familyOf(group);
  return {
    group: addressToWords(group),
    interface: characters,
    port,
    maxLength,
    family,
    syncId,
    ttl,
    pad: 0,
  };
}

/** The master first. */
export function decodeSyncDaemons(kept: readonly Kept[]): readonly SyncDaemon[] {
  return syncRoles.flatMap((role, index) => {
    const value = kept[index];
    const name = nameOf(value?.interface ?? []);
    if (!value || name === '') return [];
    const { family, port, maxLength, syncId, ttl } = value;
    const group = addressFromWords(family, value.group);
    return [{ role, interface: name, syncId, group, port: port as Port, ttl, maxLength }];
  });
}

function nameOf(characters: readonly number[]): string {
  const end = characters.indexOf(0);
  return Buffer.from(end < 0 ? characters : characters.slice(0, end)).toString();
}
