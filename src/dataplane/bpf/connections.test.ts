import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import { initialSysctls } from '../../ipvs/sysctl.ts';
import { FlMethod } from './abi.gen.ts';
import { addressToWords } from './codec/address.ts';
import { createConnections } from './connections.ts';
import { sysctlsOf } from './sysctls.ts';
import { memoryMaps } from './table/memory-maps.ts';
import { createTable } from './table/table.ts';
import { createTables } from './tables.ts';
import type { Errand, Walks } from './walks.ts';

const second = 1_000_000_000n;
const now = 100n * second;

/** Nothing is counted in `pressure` unless a test says so: then no sweep runs a program. */
function bench() {
  const maps = memoryMaps();
  const table = createTable({ maps, relieve: () => {}, now: () => now });
  const errands: Errand[] = [];
  const walks: Walks = {
    *table(_family, _place, errand) {
      errands.push(errand);
      yield;
      return 0;
    },
    *outside() {
      yield;
      return [0, 0];
    },
    *templates() {},
  };
  const tables = createTables({ maps, walks, limit: () => 1 });
  const connections = createConnections({ maps, tables, walks, table, now: () => now });
  return { maps, table, errands, connections };
}

describe('the listing', () => {
  it('has connections, templates and those of SIP, each with the real server in its slot', () => {
    const { maps, table, connections } = bench();
    const web = {
      kind: 'address',
      protocol: 'udp',
      address: '10.0.0.100' as Address,
      port: 5060 as Port,
    } as const;
    const settings = {
      scheduler: 'rr',
      flags: [],
      persistent: 60,
      netmask: 0xffffffff,
      onePacket: false,
    } as const;
    table.addService({ ...web, ...settings });
    table.addDestination(web, {
      address: '10.0.0.11' as Address,
      port: 5060 as Port,
      method: 'masq',
      weight: 1,
      upperThreshold: 0,
      lowerThreshold: 0,
    });
    const key = {
      client: addressToWords('10.0.0.10' as Address),
      vip: addressToWords(web.address),
      virtualPort: 5060,
      protocol: 17,
      family: 4,
    };
    const aged = { lastSeen: now, timeoutMs: 60_000, destination: 1, serverPort: 5060 };
    maps.connections.set({ ...key, clientPort: 7 }, { ...aged, flags: FlMethod.FL_METHOD_MASQ });
    maps.templates.set(key, aged);
    maps.sipTemplates.set(
      { vip: key.vip, virtualPort: 5060, protocol: 17, family: 4, hash: 9 },
      { template: aged, client: key.client, length: 1, callId: [65] },
    );
    maps.connections.set({ ...key, clientPort: 8 }, { ...aged, destination: 77 }); // of nobody known

    maps.pressure.set(0, { outside: 2 });
    const listed = [...connections.connections()];
    expect(listed.map(({ template, client, engine }) => [template, client.port, engine?.data])).toEqual([
      [false, 7, undefined],
      [true, 0, undefined],
      [true, 0, 'A'],
    ]);
    expect(new Set(listed.map(({ destination, method }) => `${destination.address} ${method}`))).toEqual(
      new Set(['10.0.0.11 masq']),
    );
  });
});

describe('the table', () => {
  it('says how full it is, and for a minute that there was no room', () => {
    const { maps, connections } = bench();
    maps.pressure.set(0, { connections: 7, halfOpen: 3, statelessAt: now - 59n * second });
    expect(connections.connectionTable()).toEqual({
      count: 7,
      limit: 1_048_576,
      halfOpen: 3,
      halfOpenLimit: 524_288,
      stateless: true,
    });
    maps.pressure.set(0, { statelessAt: now - 60n * second - 1n });
    expect(connections.connectionTable().stateless).toBe(false);
    maps.pressure.set(0, {});
    expect(connections.connectionTable().stateless).toBe(false);
  });
});

const always = { ...initialSysctls, drop_packet: 3, secure_tcp: 3, drop_entry: 3 };

describe('defences', () => {
  it('begin and end as soon as their mode is changed', () => {
    const { maps, connections } = bench();
    connections.setSysctls(always);
    expect(maps.settings.get(0).sysctl).toMatchObject({ dropRate: 10, secureTcp: 1 });
    connections.setSysctls(initialSysctls);
    expect(maps.settings.get(0).sysctl).toMatchObject({ dropRate: 0, secureTcp: 0 });
  });

  it('go by the memory that was free when they were last looked at', () => {
    const { maps, connections } = bench();
    connections.defend(1024 - 512);
    connections.setSysctls({ ...initialSysctls, drop_packet: 1 });
    expect(maps.settings.get(0).sysctl.dropRate).toBe(2);
    expect(sysctlsOf(maps.settings.get(0)).drop_packet).toBe(2);
    connections.defend(1024);
    expect(maps.settings.get(0).sysctl.dropRate).toBe(0);
    expect(sysctlsOf(maps.settings.get(0)).drop_packet).toBe(1);
  });

  it('thin out in one sweep after each look at the memory', () => {
    const { maps, errands, connections } = bench();
    maps.pressure.set(0, { connections: 1 });
    connections.setSysctls(always);
    connections.sweep();
    expect(connections.defend(1024)).toBe(true);
    connections.sweep();
    connections.sweep();
    connections.setSysctls(initialSysctls);
    expect(connections.defend(1024)).toBe(false);
    connections.sweep();
    const ofBothFamilies = [false, true, false, false].flatMap((thins) => [{ thins }, { thins }]);
    expect(errands).toEqual(ofBothFamilies);
  });
});

describe('a sweep in pieces', () => {
  it('ends when another one begins: that one may put other tables in the place of those it knows', () => {
    const { maps, errands, connections } = bench();
    maps.pressure.set(0, { connections: 1 });
    const first = connections.sweepByPieces();
    expect(first.next()).toEqual({ done: false, value: 'usual' });
    connections.sweep();
    expect(errands).toHaveLength(3);
    expect(first.next().done).toBe(true);
    expect(errands).toHaveLength(3);
  });

  it('makes haste where it thins out', () => {
    const { maps, connections } = bench();
    maps.pressure.set(0, { connections: 1 });
    connections.setSysctls(always);
    connections.defend(1024);
    expect([...connections.sweepByPieces()]).toEqual(['urgent', 'urgent']);
    expect([...connections.sweepByPieces()]).toEqual(['usual', 'usual']);
  });
});
