/**
 * Neighbours hear whose a virtual address is that has been put on an interface, as `fairlead announce` tells them: who knows another MAC for it, from
 * before it came here, learns this one. Three times, for those who missed it; behind whatever it was put there with.
 */

import { macText } from '../doctor/frames/mac.ts';
import { familyOf } from '../ipvs/address.ts';
import { messageOf } from '../ipvs/errors.ts';
import type { Logger } from '../ipvs/log.ts';
import { type Vip, vipText } from '../ipvs/vip.ts';
import { ARPHRD_ETHER } from '../linux/rtnetlink.ts';
import type { HeldAddress } from '../linux/rtnetlink-address.ts';
import type { Door } from './door.ts';
import type { VipNews } from './vips.ts';

type Link = {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly mac: Uint8Array;
  readonly isUp: boolean;
};

export type AnnouncerModules = {
  readonly inside: Door;
  readonly links: () => readonly Link[];
  readonly addresses: () => readonly HeldAddress[];
  /** Puts an announcement of the address on the wire, by an interface with this MAC. */
  readonly announce: (index: number, mac: string, address: Vip['address']) => void;
  readonly log: Pick<Logger, 'info' | 'warning'>;
};

const repetitions = 3;
const pauseMilliseconds = 100;

export function createAnnouncer({ inside, links, addresses, announce, log }: AnnouncerModules): VipNews {
  const pending = new Map<string, { readonly vip: Vip; readonly left: number }>();
  let isDue = false;
  const schedule = (milliseconds: number): void => {
    if (!isDue) setTimeout(round, milliseconds).unref();
    isDue = true;
  };
  const round = (): void => {
    isDue = false;
    try {
      inside(tellAll);
    } catch (error) {
      log.warning(`announcing virtual addresses: ${messageOf(error)}`);
    }
    for (const [key, { vip, left }] of pending) {
      if (left > 1) pending.set(key, { vip, left: left - 1 });
      else pending.delete(key);
    }
    if (pending.size > 0) schedule(pauseMilliseconds);
  };
  /** What has been taken off again, by a step that failed, is not announced; nor is what no segment can ask for. */
  const tellAll = (): void => {
    const byName = new Map(links().map((link) => [link.name, link]));
    const held = new Set(addresses().map(({ index, address }) => `${index} ${address}`));
    for (const { vip, left } of pending.values()) {
      const link = byName.get(vip.interface);
      if (link?.type !== ARPHRD_ETHER || !link.isUp || !held.has(`${link.index} ${vip.address}`)) continue;
      announce(link.index, macText(link.mac), vip.address);
      const how = familyOf(vip.address) === 4 ? 'gratuitous ARP' : 'neighbour advertisement';
      if (left === repetitions) log.info(`announced ${vip.address} on ${vip.interface} (${how})`);
    }
  };
  return (vip) => {
    pending.set(`${vip.interface} ${vipText(vip)}`, { vip, left: repetitions });
    schedule(0);
  };
}
