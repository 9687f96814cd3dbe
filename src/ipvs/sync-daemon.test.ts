import { describe, expect, it } from 'vitest';
import type { Address, Port } from './address.ts';
import { type SyncDaemonRequest, startedSyncDaemon, syncDaemonOf } from './sync-daemon.ts';

const request = (part: Partial<SyncDaemonRequest> = {}): SyncDaemonRequest => ({
  ...{ role: 'master', interface: 'eth0', syncId: 0 },
  ...part,
});

describe('a sync daemon', () => {
  it('has the defaults of the protocol', () => {
    expect(syncDaemonOf(request(), 1500)).toEqual({
      ...{ role: 'master', interface: 'eth0', syncId: 0 },
      ...{ group: '224.0.0.81' as Address, port: 8848 as Port, ttl: 1, maxLength: 1472 },
    });
  });

  // Asked of Linux 6.1, interface by interface.
  it.each<[string, number, Partial<SyncDaemonRequest>, number]>([
    ['a master, whatever the MTU', 9000, {}, 1472],
    ['a master of an IPv6 group', 9000, { group: 'ff02::81' as Address }, 1452],
    ['a master that asks for it', 1500, { maxLength: 1 }, 1],
    ['a master that asks for too much', 1500, { maxLength: 65507, group: 'ff02::81' as Address }, 65487],
    ['a backup by the MTU', 9000, { role: 'backup' }, 8972],
    ['a backup of a small MTU', 576, { role: 'backup' }, 1472],
    ['a backup on lo', 65536, { role: 'backup' }, 65507],
    ['a backup that asks for too little', 1500, { role: 'backup', maxLength: 1 }, 1024],
  ])('%s (MTU %i) has messages of that length', (_, mtu, part, length) => {
    expect(syncDaemonOf(request(part), mtu).maxLength).toBe(length);
  });
});

describe('one is refused', () => {
  const link = { mtu: 1500, isUp: true, isLoopback: false };
  const surroundings = { running: [], link, isMixed: false };
  const running = [syncDaemonOf(request(), 1500)];

  it.each([
    [
      'beside a tunnel to the other family, whatever else is wrong',
      { isMixed: true, link: undefined, running },
      'SYNC_MIXED_FAMILIES',
    ],
    ['without its interface, even if one runs', { link: undefined, running }, 'SYNC_INTERFACE_NOT_FOUND'],
    ['where one of its kind runs', { running }, 'SYNC_DAEMON_EXISTS'],
    ['as a master on an interface that is down', { link: { ...link, isUp: false } }, 'SYNC_INTERFACE_DOWN'],
  ] as const)('%s', (_, part, code) => {
    expect(startedSyncDaemon(request(), { ...surroundings, ...part })).toBe(code);
  });

  it('as a master that is to reach a group of IPv6 by loopback, but not one of IPv4', () => {
    const loopback = { ...surroundings, link: { ...link, isLoopback: true } };
    const group = 'ff02::81' as Address;
    expect(startedSyncDaemon(request({ group }), loopback)).toBe('SYNC_INTERFACE_DOWN');
    expect(startedSyncDaemon(request(), loopback)).toMatchObject({ role: 'master' });
    expect(startedSyncDaemon(request({ role: 'backup', group }), loopback)).toMatchObject({ role: 'backup' });
  });

  it('but not as a backup there, nor beside one of the other kind', () => {
    const down = { ...surroundings, running, link: { ...link, isUp: false } };
    expect(startedSyncDaemon(request({ role: 'backup' }), down)).toMatchObject({ role: 'backup' });
  });
});
