import { describe, expect, it } from 'vitest';
import type { NotForwarded } from '../dataplane/dataplane.ts';
import type { Address, Port } from '../ipvs/address.ts';
import type { ServiceKey } from '../ipvs/service.ts';
import { initialSysctls } from '../ipvs/sysctl.ts';
import { createDirector } from './director.ts';
import { createDrops } from './drops.ts';
import { createTestPlane, stoppedClocks } from './model-plane.fixture.ts';
import { createRateBook } from './rates.ts';

const web: ServiceKey = {
  kind: 'address',
  protocol: 'tcp',
  address: '10.0.0.1' as Address,
  port: 80 as Port,
};
const server = { address: '10.0.0.11' as Address, port: 80 as Port };

const packets = (inPackets: number) => ({
  connections: 0,
  inPackets,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
});

describe('the rates of a service', () => {
  it('follow what was counted, and come to rest when nothing is', () => {
    const book = createRateBook();
    const shown = () =>
      [book.of(web).own, book.of(web).destination(server)].map((one) => one.inPacketsPerSecond);
    expect(shown()).toEqual([0, 0]);
    book.step([
      { service: web, gained: packets(2000) },
      { service: web, destination: server, gained: packets(1000) },
    ]);
    expect(shown()).toEqual([250, 125]);
    book.step([]);
    expect(shown()).toEqual([187, 94]);
    for (let step = 0; step < 100; step++) book.step([]);
    expect(shown()).toEqual([0, 0]);
  });

  /** A director with the service, of which 2000 packets are counted between two steps. */
  function counting() {
    const plane = createTestPlane();
    const counted = { ...plane, gains: () => [{ service: web, gained: packets(2000) }] };
    const director = createDirector(counted, stoppedClocks);
    const settings = { scheduler: 'rr', flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false };
    const add = (): void => director.addService({ ...web, ...settings });
    add();
    const shown = () => director.service(web).rates.inPacketsPerSecond;
    director.stepRates();
    expect(shown()).toBe(250);
    return { plane, director, add, shown };
  }

  it.each(['zeroed', 'removed, and comes again', 'flushed, and comes again'])(
    'begin anew when it is %s',
    (what) => {
      const { director, add, shown } = counting();
      if (what === 'zeroed') director.zero(web);
      else {
        if (what.startsWith('removed')) director.removeService(web);
        else director.flush();
        add();
      }
      expect(shown()).toBe(0);
    },
  );

  it('are what they were when its removal is refused in the end', () => {
    const { plane, director, shown } = counting();
    for (const remove of [() => director.removeService(web), director.flush]) {
      const refused = () =>
        plane.transaction(0, () => {
          remove();
          throw new Error('refused');
        });
      expect(refused).toThrow('refused');
      expect(shown()).toBe(250);
    }
  });

  it('stand still while they are not estimated, and what was counted meanwhile never shows', () => {
    const { plane, director, shown } = counting();
    plane.setSysctls({ ...initialSysctls, run_estimation: 0 });
    director.stepRates();
    expect(shown()).toBe(250);
    plane.setSysctls(initialSysctls);
    director.stepRates();
    expect(shown()).toBe(437);
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
