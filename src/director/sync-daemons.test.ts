import { beforeEach, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import type { ErrorCode } from '../ipvs/errors.ts';
import type { Destination, Service } from '../ipvs/service.ts';
import { createDirector, type Director } from './director.ts';
import { createTestPlane, stoppedClocks } from './model-plane.fixture.ts';
import { createSyncDaemons, type SyncDaemons } from './sync-daemons.ts';

const links = [
  { name: 'lo', type: 772, mtu: 65536, isUp: true },
  { name: 'eth0', type: 1, mtu: 1500, isUp: true },
];
const master = { role: 'master', interface: 'eth0', syncId: 5 } as const;
const backup = { role: 'backup', interface: 'lo', syncId: 0 } as const;
const refusal = (code: ErrorCode) => expect.objectContaining({ code });

let daemons: SyncDaemons;
let director: Director;
let said: string[];

beforeEach(() => {
  const plane = createTestPlane();
  said = [];
  daemons = createSyncDaemons({ plane, links: () => links, log: { warning: (line) => said.push(line) } });
  director = createDirector(plane, stoppedClocks);
});

it('are listed until they are stopped, and the log says that nothing is sent', () => {
  daemons.start(backup);
  daemons.start(master);
  expect(daemons.list().map(({ role, maxLength }) => [role, maxLength])).toEqual([
    ['backup', 65507],
    ['master', 1472],
  ]);
  expect(said.every((line) => line.includes('nothing is sent'))).toBe(true);
  expect(said.length).toBe(2);
  daemons.stop('backup');
  expect(() => daemons.stop('backup')).toThrow(refusal('NO_SYNC_DAEMON'));
  expect(daemons.list().map(({ role }) => role)).toEqual(['master']);
});

it('and real servers of the other family exclude each other', () => {
  const settings = {
    scheduler: 'rr',
    flags: [],
    persistent: 0,
    netmask: 0xffffffff,
    onePacket: false,
  } as const;
  const service: Service = {
    ...{ kind: 'address', protocol: 'tcp', address: '10.0.0.100' as Address, port: 80 as Port },
    ...settings,
  };
  const server: Destination = {
    ...{ address: 'fd00::11' as Address, port: 80 as Port, method: 'ipip', weight: 1 },
    ...{ upperThreshold: 0, lowerThreshold: 0 },
    tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' },
  };
  director.addService(service);
  daemons.start(master);
  expect(() => director.addDestination(service, server)).toThrow(refusal('SYNC_MIXED_FAMILIES'));
  daemons.stop('master');
  director.addDestination(service, server);
  expect(() => daemons.start(master)).toThrow(refusal('SYNC_MIXED_FAMILIES'));
});
