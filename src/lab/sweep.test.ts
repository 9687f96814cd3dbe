import { describe, expect, it } from 'vitest';
import type { LabRecord } from './record.ts';
import { isAbandoned } from './sweep.ts';

const record: LabRecord = {
  id: 'k3f9a',
  topology: 'dr',
  owner: { pid: 4711, startTime: 12345 },
  standing: false,
  since: '2026-01-01T00:00:00.000Z',
};
const dead = () => false;
const alive = () => true;

describe('a lab is abandoned', () => {
  it('when its owner is dead', () => {
    expect(isAbandoned({ id: 'k3f9a', ageMs: 0, record }, dead)).toBe(true);
  });

  it('but not while its owner lives', () => {
    expect(isAbandoned({ id: 'k3f9a', ageMs: 1e9, record }, alive)).toBe(false);
  });

  it('but not when it was left standing', () => {
    expect(isAbandoned({ id: 'k3f9a', ageMs: 1e9, record: { ...record, standing: true } }, dead)).toBe(false);
  });

  it('when its owner never came to write its record', () => {
    expect(isAbandoned({ id: 'k3f9a', ageMs: 60_000 }, alive)).toBe(true);
  });

  it('but not while its owner may be about to write it', () => {
    expect(isAbandoned({ id: 'k3f9a', ageMs: 5 }, dead)).toBe(false);
  });
});
