import { describe, expect, it } from 'vitest';
import { dual } from '../topologies.ts';
import { type Finding, isAt, linesOf } from './diagnosis.ts';

function finding(host: Finding['host'], cure: Finding['cure']): Finding {
  return { code: 'test', problem: '', host, cure };
}

const nothing = { on: 'director', commands: [] };

describe('a finding names a host', () => {
  it.each([
    ['by address and MAC', { role: 'real server', address: '192.0.2.11', mac: '02:00:c0:00:02:0b' }, true],
    ['by address', { role: 'real server', address: '2001:db8:1::11' }, true],
    ['by MAC', { role: 'other host', mac: '02:00:c0:00:02:0b' }, true],
    ["with another's MAC", { role: 'real server', address: '192.0.2.11', mac: '02:00:c0:00:02:0c' }, false],
    ['that is another', { role: 'real server', address: '192.0.2.12' }, false],
    ['that is the one that was asked', { role: 'director' }, false],
  ])('%s', (_, host, named) => {
    expect(isAt(finding(host, nothing), 'rs1', dual, 'director')).toBe(named);
  });
});

describe("a cure's commands are typed", () => {
  it.each([
    ['where the doctor was asked', { role: 'director' }, {}, 'director'],
    ['on the host that the cure names', { role: 'director' }, { host: '192.0.2.12' }, 'rs2'],
    [
      'on a host known by its MAC alone',
      { role: 'other host', mac: '02:00:c0:00:02:0b' },
      { on: 'other host' },
      'rs1',
    ],
  ])('%s', (_, host, cure, where) => {
    const one = finding(host, { on: 'director', commands: ['a', 'b'], ...cure });
    expect(linesOf(one, dual, 'director')).toEqual([
      { host: where, line: 'a' },
      { host: where, line: 'b' },
    ]);
  });

  it('on further hosts behind that', () => {
    const also = [{ on: 'director', commands: ['announce'] }];
    const cure = { on: 'real server', host: '192.0.2.11', commands: ['hide'], also };
    expect(linesOf(finding({ role: 'real server', address: '192.0.2.11' }, cure), dual, 'director')).toEqual([
      { host: 'rs1', line: 'hide' },
      { host: 'director', line: 'announce' },
    ]);
  });
});
