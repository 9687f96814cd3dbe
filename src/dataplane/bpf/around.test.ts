import { expect, test } from 'vitest';
import { sizesFor } from './around.ts';

test('maps have room for as many as there may be connections, those of Call-IDs for a million at most', () => {
  const all = { connections: 1000, templates: 1000, sip_templates: 1000, replies: 1000 };
  expect(sizesFor(1000)).toEqual(all);
  const many = { connections: 10_000_000, templates: 10_000_000, replies: 10_000_000 };
  expect(sizesFor(10_000_000)).toEqual({ ...many, sip_templates: 1_048_576 });
});
