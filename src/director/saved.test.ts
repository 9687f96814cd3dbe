import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FairleadError } from '../ipvs/errors.ts';
import { createSaved } from './saved.ts';

describe('what is kept for the next daemon', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'saved-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is read in its own namespace, and in no other that has its number', () => {
    const path = join(directory, '1.plan.json');
    createSaved<string>(path, 7n).write('web');
    expect(createSaved<string>(path, 7n).read()).toBe('web');
    expect(createSaved<string>(path, 8n).read()).toBeUndefined();
  });

  it('is what it was until another one is put in its place', () => {
    const saved = createSaved<string>(join(directory, '1.plan.json'), 7n);
    saved.write('web');
    saved.prepare('dns').discard();
    expect(saved.read()).toBe('web');
    const prepared = saved.prepare('mail');
    expect(saved.read()).toBe('web');
    prepared.commit();
    expect(saved.read()).toBe('mail');
  });

  it('refuses what it cannot write, by the name of the file', () => {
    const path = join(directory, '1.plan.json');
    mkdirSync(path);
    const write = (): void => createSaved<string>(path, 7n).write('web');
    expect(write).toThrow(FairleadError);
    expect(write).toThrow(`${path} cannot be written: EISDIR`);
  });
});
