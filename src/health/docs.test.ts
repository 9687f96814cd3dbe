import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failureReasons } from './outcome.ts';

const whole = readFileSync(fileURLToPath(new URL('../../docs/probes.md', import.meta.url)), 'utf8');

const [, page = ''] = whole.split('## Why a check fails');

describe('the page on what health checks ask', () => {
  test.for(Object.entries(failureReasons))(
    'has a row for the reason %s that says what it says',
    ([reason, says]) => {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${reason}\``)) ?? '';
      expect(row).toContain(says);
    },
  );

  test('has no row for a reason that there is not', () => {
    const named = [...page.matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(failureReasons));
  });
});
