import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorTable, FairleadError } from './errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| ([A-Z_]+) +\| (\d+) +\| (.*?) +\|/gm)].map(([, code = '', status, sentence]) => [
    code,
    { status: Number(status), message: sentence },
  ]),
);

describe('errors', () => {
  it('are documented with code, status and sentence, and no page row is stale', () => {
    expect(Object.fromEntries(rows)).toEqual(errorTable);
  });

  it('say their detail behind the sentence', () => {
    expect(new FairleadError('INTERFACE_NOT_FOUND', 'eth7').message).toBe('No such interface: eth7');
    expect(new FairleadError('SERVICE_EXISTS').message).toBe('Service already exists');
  });
});
