import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable, FairleadError, problemType } from './errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = new Map(
  [...page.matchAll(/^\| <a id="([A-Z_]+)"><\/a>\1 +\| (\d+) +\| (.*?) +\|/gm)].map(
    ([, code = '', status, sentence]) => [code, { status: Number(status), message: sentence }],
  ),
);

describe('errors', () => {
  it('are documented with code, status and sentence, and no page row is stale', () => {
    expect(Object.fromEntries(rows)).toEqual(errorTable);
  });

  it('have a type that is the anchor of their row', () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      const [path, anchor] = problemType(code).split('#');
      expect(path).toBe('/docs/errors.md');
      expect(page).toContain(`<a id="${anchor}"></a>${code} `);
    }
  });

  it('say their detail behind the sentence', () => {
    expect(new FairleadError('INTERFACE_NOT_FOUND', 'eth7').message).toBe('No such interface: eth7');
    expect(new FairleadError('SERVICE_EXISTS').message).toBe('Service already exists');
  });
});
