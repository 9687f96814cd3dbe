import { describe, expect, it } from 'vitest';
import type { InterfaceStatus } from '../ipvs/interface.ts';
import { type Facts, readinessOf } from './healthz.ts';

const eth0: InterfaceStatus = { index: 2, name: 'eth0', mode: 'auto', hooks: ['tc'] };
const well: Facts = {
  interfaces: [eth0, { index: 3, name: 'tun0', mode: 'auto', hooks: [], note: 'not Ethernet' }],
  bare: [],
  table: { count: 9, limit: 10, halfOpen: 4, halfOpenLimit: 5, stateless: false },
};
const reasons = (facts: Partial<Facts>) =>
  readinessOf({ ...well, ...facts }).reasons.map(({ check, detail }) => `${check}: ${detail}`);

describe('readiness', () => {
  it('is there with a hook on one interface and room in the table', () => {
    expect(readinessOf(well)).toEqual({ ready: true, reasons: [] });
  });

  it('is not there without an interface to stand on', () => {
    expect(reasons({ interfaces: [] })).toEqual(['interfaces: there is no Ethernet interface']);
    expect(reasons({ interfaces: [{ ...eth0, mode: 'off', hooks: [] }] })).toEqual([
      'interfaces: the director is on no interface',
    ]);
  });

  it('is not there where somebody has taken programs off', () => {
    expect(reasons({ bare: ['eth0', 'eth1'] })).toEqual(['programs: somebody has taken them off eth0, eth1']);
  });

  it('is not there with a full table, and says of what', () => {
    const { table } = well;
    expect(reasons({ table: { ...table, count: 10 } })).toEqual(['table: 10 connections of at most 10']);
    expect(reasons({ table: { ...table, halfOpen: 5 } })).toEqual([
      'table: 5 half-open connections of at most 5',
    ]);
    expect(reasons({ table: { ...table, stateless: true } })[0]).toMatch(/^table: .* without an entry/);
  });
});
