import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../../ipvs/address.ts';
import { schedulers } from '../../../ipvs/schedulers.ts';
import { fullNetmask, type ServiceKey, type ServiceSettings, serviceFamily } from '../../../ipvs/service.ts';
import { serviceKeys } from '../table/change.fixture.ts';
import {
  decodeServiceKey,
  decodeSettings,
  encodeServiceKey,
  encodeSettings,
  schedulerFromNumber,
  schedulerNumber,
} from './service.ts';

describe('a service key', () => {
  const sctp: ServiceKey = {
    kind: 'address',
    protocol: 'sctp',
    address: 'fd00::9' as Address,
    port: 9 as Port,
  };
  it.each([...serviceKeys, sctp])('%j is what it was after the way through the map', (key) => {
    expect(decodeServiceKey(encodeServiceKey(key))).toEqual(key);
  });

  it('with a protocol nobody knows is refused', () => {
    const foreign = { address: { word: [0, 0, 0, 0] }, mark: 0, port: 0, protocol: 51, family: 4 };
    expect(() => decodeServiceKey(foreign)).toThrow('unknown protocol number 51 in a BPF map');
  });
});

describe('settings', () => {
  const plain: ServiceSettings = {
    scheduler: 'wlc',
    flags: [],
    persistent: 0,
    netmask: fullNetmask(4),
    onePacket: false,
  };
  it.each([
    [4, plain],
    [4, { ...plain, scheduler: 'sh', flags: ['flag-1', 'flag-3'] }],
    [4, { ...plain, persistent: 2_678_400, netmask: 0xffff00ff, engine: 'sip' }],
    [6, { ...plain, persistent: 1, netmask: 64 }],
    [6, { ...plain, netmask: 128, onePacket: true }],
  ] as const)('of IPv%i are what they were: %j', (family, settings) => {
    expect(decodeSettings(family, encodeSettings(family, settings))).toEqual(settings);
  });

  it('have the netmask as a mask in either family', () => {
    expect(encodeSettings(4, { ...plain, netmask: 0xffffff00 }).netmask).toEqual([0xffffff00, 0, 0, 0]);
    expect(encodeSettings(6, { ...plain, netmask: 48 }).netmask).toEqual([0xffffffff, 0xffff0000, 0, 0]);
    for (const key of serviceKeys) {
      const family = serviceFamily(key);
      const full = encodeSettings(family, { ...plain, netmask: fullNetmask(family) }).netmask;
      expect(full.filter((word) => word === 0xffffffff).length).toBe(family === 4 ? 1 : 4);
    }
  });
});

describe('schedulers', () => {
  it('each have a number of their own, which is not 0', () => {
    const numbers = schedulers.map(schedulerNumber);
    expect(new Set(numbers).size).toBe(schedulers.length);
    expect(numbers).not.toContain(0);
    expect(numbers.map(schedulerFromNumber)).toEqual(schedulers);
  });

  it('with a number nobody knows are refused', () => {
    expect(() => schedulerFromNumber(0)).toThrow('unknown scheduler number 0');
  });
});
