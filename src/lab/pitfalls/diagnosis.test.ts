import { describe, expect, it } from 'vitest';
import { dual } from '../topologies.ts';
import { isAt, linesOf } from './diagnosis.ts';
import type { Cure, Finding } from './reading.ts';

function finding(host: Finding['host'], ...cure: readonly Cure[]): Finding {
  return { code: 'test', problem: '', host, cure };
}

describe('a finding names a host', () => {
  it.each([
    ['by address and MAC', { role: 'real server', address: '192.0.2.11', mac: '02:00:c0:00:02:0b' }, true],
    ['by address', { role: 'real server', address: '2001:db8:1::11' }, true],
    ['by MAC', { role: 'other host', mac: '02:00:c0:00:02:0b' }, true],
    ["with another's MAC", { role: 'real server', address: '192.0.2.11', mac: '02:00:c0:00:02:0c' }, false],
    ['that is another', { role: 'real server', address: '192.0.2.12' }, false],
    ['that is the one that was asked', { role: 'director' }, false],
  ])('%s', (_, host, named) => {
    expect(isAt(finding(host), 'rs1', dual, 'director')).toBe(named);
  });
});

describe("a cure's commands are typed", () => {
  const commands = ['a', 'b'];

  it.each([
    ['where the doctor was asked', { role: 'director' }, { role: 'director', commands }, 'director'],
    [
      'on the host that the cure names',
      { role: 'director' },
      { role: 'real server', address: '192.0.2.12', commands },
      'rs2',
    ],
    [
      'on a host known by its MAC alone',
      { role: 'other host', mac: '02:00:c0:00:02:0b' },
      { role: 'other host', commands },
      'rs1',
    ],
  ])('%s', (_, host, cure, where) => {
    expect(linesOf(finding(host, cure), dual, 'director')).toEqual([
      { host: where, line: 'a' },
      { host: where, line: 'b' },
    ]);
  });
});
