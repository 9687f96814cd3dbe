import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FlReason } from './abi.gen.ts';

it('every reason for not forwarding is documented, and no page row is stale', () => {
  const page = readFileSync(new URL('../../../docs/not-forwarded.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| ([a-z_]+) +\| (?:to the local stack|dropped)/gm)].map(
    ([, name]) => name,
  );
  const reasons = Object.keys(FlReason)
    .filter((name) => name !== 'FL_REASONS')
    .map((name) => name.replace('FL_REASON_', '').toLowerCase());
  expect(documented.sort()).toEqual(reasons.sort());
});
