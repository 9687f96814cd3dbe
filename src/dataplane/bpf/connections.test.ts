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

const second = 1_000_000_000n;
const now = 100n * second;

/** Nothing is counted in `pressure` unless a test says so: then no sweep runs a program. */
function bench() {
  const maps = memoryMaps();
  const table = createTable({ maps, relieve: () => {}, now: () => now });
  const nothing = () => 0;
  const walks = {
    ...{ sweepTable: nothing, sweepOutside: () => [], sweepTemplates: nothing },
    ...{ evictTable: nothing, evictOutside: nothing, evictTemplates: nothing },
  };
  const tables = createTables({ maps, walks, limit: () => 1 });
  return { maps, table, connections: createConnections({ maps, tables, walks, table, now: () => now }) };
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

describe('defences', () => {
  const always = { ...initialSysctls, drop_packet: 3, secure_tcp: 3, drop_entry: 3 };

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

  it('thin out in their own sweep only', () => {
    const { maps, connections } = bench();
    connections.setSysctls(always);
    expect(maps.settings.get(0).sysctl.dropEntry).toBe(0);
    connections.defend(1024);
    expect(maps.settings.get(0).sysctl.dropEntry).toBe(0);
  });
});
