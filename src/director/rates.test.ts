import { describe, expect, it } from 'vitest';
import type { DataPlane, NotForwarded, ServiceSnapshot } from '../dataplane/dataplane.ts';
import type { Address, Port } from '../ipvs/address.ts';
import { createDrops } from './drops.ts';
import { createRateBook } from './rates.ts';

/** A data plane with one service that has seen so many packets. */
function planeWith(inPackets: number): { plane: DataPlane; service: ServiceSnapshot } {
  const service: ServiceSnapshot = {
    ...{ kind: 'address', protocol: 'tcp', address: '10.0.0.1' as Address, port: 80 as Port },
    ...{ scheduler: 'rr', flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false },
    counters: { connections: 0, inPackets, outPackets: 0, inBytes: 0, outBytes: 0 },
    destinations: [],
  };
  return { plane: { services: () => [service] } as Partial<DataPlane> as DataPlane, service };
}

describe('the rates of a service', () => {
  it('stand still while they are not estimated, and what was counted meanwhile never shows', () => {
    const book = createRateBook();
    const shown = (packets: number) => book.ofService(planeWith(packets).service).inPacketsPerSecond;
    for (const packets of [0, 2000]) book.step(planeWith(packets).plane);
    expect(shown(2000)).toBe(250);
    book.pause();
    expect(shown(1_000_000)).toBe(250);
    book.step(planeWith(1_000_000).plane);
    expect(shown(1_000_000)).toBe(250);
    book.step(planeWith(1_002_000).plane);
    expect(shown(1_002_000)).toBe(437);
  });

  it('begin anew after all services are gone', () => {
    const book = createRateBook();
    for (const packets of [0, 2000]) book.step(planeWith(packets).plane);
    book.forgetAll();
    expect(book.ofService(planeWith(2000).service).inPacketsPerSecond).toBe(0);
  });
});

describe('packets that were not forwarded', () => {
  const example = { secondsAgo: 3, protocol: 6, client: '10.0.0.9:1', virtual: '10.0.0.1:80', bytes: 60 };
  let seen: NotForwarded = { no_server: { packets: 5 } };
  const drops = createDrops({
    notForwarded: () => seen,
    interfaces: () => [{ index: 2, name: 'eth0', mode: 'auto', hooks: ['tc'] }],
  });

  it('are shown with how many there are a second, and where the last came in', () => {
    drops.step();
    expect(drops.status()).toEqual({ no_server: { packets: 5, perSecond: 0 } });
    seen = { no_server: { packets: 2005, example: { ...example, interface: 2 } } };
    drops.step();
    expect(drops.status()).toEqual({
      no_server: { packets: 2005, perSecond: 250, example: { ...example, interface: 'eth0' } },
    });
  });

  it('name no interface that has gone', () => {
    seen = { no_server: { packets: 2005, example: { ...example, interface: 7 } } };
    expect(drops.status()['no_server']?.example).toEqual(example);
  });
});
