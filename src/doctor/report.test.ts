import { describe, expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import type { Finding } from './finding.ts';
import { exitCodeOf, type OtherReport, type Report, renderChanges, renderReport } from './report.ts';

const finding: Finding = {
  ...{ code: 'vip-missing', title: 't', breaks: 'clients wait', page: 'docs/doctor.md#vip-missing' },
  problem: 'real server 10.0.0.11 does not hold 10.0.0.100',
  evidence: ['SYN: no answer', 'ping: no answer'],
  host: { role: 'real server', address: '10.0.0.11' as Address, mac: '02:00:0a:00:00:0b' },
  cure: {
    ...{ on: 'real server', host: '10.0.0.11' as Address, commands: ['ip addr add'], note: 'or so' },
    also: [{ on: 'director', commands: ['fairlead announce 10.0.0.100'] }],
  },
};
const healthy: Report = { place: 'director', vips: ['10.0.0.100' as Address], findings: [], remarks: [] };
const ill: Report = { ...healthy, findings: [finding] };

describe('the exit code', () => {
  it.each([
    ['healthy', healthy, 0],
    ['something was found', ill, 1],
    ['found there only', { ...healthy, others: [{ host: 'rs1', report: ill }] }, 1],
    ['nothing was examined', { ...healthy, vips: [] }, 2],
    ['a host could not be asked', { ...healthy, others: [{ host: 'rs1', failure: 'no' }] }, 2],
  ] as const)('%s', (_, report, code) => {
    expect(exitCodeOf(report)).toBe(code);
  });
});

it('a finding says where, what was seen, what it breaks, and what to type where', () => {
  expect(renderReport(ill).split('\n')).toEqual([
    'vip-missing: real server 10.0.0.11 does not hold 10.0.0.100',
    '  where     real server 10.0.0.11 (02:00:0a:00:00:0b)',
    '  evidence  SYN: no answer',
    '            ping: no answer',
    '  breaks    clients wait',
    '  cure      on the real server 10.0.0.11:',
    '              ip addr add',
    '            (or so)',
    '            on the director:',
    '              fairlead announce 10.0.0.100',
    '  more      docs/doctor.md#vip-missing',
    '',
    '1 finding',
    '',
  ]);
});

it('other hosts follow, each with its report or why there is none', () => {
  const others = [
    { host: 'rs1', report: healthy },
    { host: 'rs2', failure: 'it does not let us in' },
  ];
  expect(renderReport({ ...healthy, others })).toBe(
    'healthy: 10.0.0.100\n\nrs1:\nhealthy: 10.0.0.100\n\nrs2: cannot tell: it does not let us in\n',
  );
});

it('watching tells what has come and what has gone, and nothing else', () => {
  const at = new Date(2026, 0, 1, 12, 30, 5);
  expect(renderChanges(healthy, ill, at)).toMatch(/^12:30:05 found vip-missing: /);
  expect(renderChanges(ill, healthy, at)).toBe(
    '12:30:05 gone  vip-missing: real server 10.0.0.11 does not hold 10.0.0.100\n',
  );
  expect(renderChanges(ill, { ...ill, findings: [{ ...finding, evidence: [] }] }, at)).toBe('');
});

it('watching takes nothing for mended where there is nothing to examine any more, and says that once', () => {
  const remarks = [{ what: 'anything', why: 'no director runs' }];
  const nothing: Report = { ...healthy, vips: [], remarks };
  const at = new Date(2026, 0, 1, 12, 30, 5);
  expect(renderChanges(ill, nothing, at)).toBe('12:30:05 cannot tell: anything: no director runs\n');
  expect(renderChanges(nothing, nothing, at)).toBe('');
  expect(renderChanges(nothing, ill, at)).toMatch(/^12:30:05 found vip-missing: /);
});

it('watching takes nothing for mended on a host that cannot be asked any more', () => {
  const there = (other: OtherReport) => ({ ...healthy, others: [other] });
  const asked = there({ host: 'rs1', report: ill });
  const lost = there({ host: 'rs1', failure: 'no route to host' });
  expect(renderChanges(asked, lost, new Date(2026, 0, 1, 12, 30, 5))).toBe(
    '12:30:05 rs1: cannot tell: no route to host\n',
  );
});
