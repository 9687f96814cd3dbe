import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../../ipvs/address.ts';
import { addressToWords } from './address.ts';
import { decodeExample, reasons } from './not-forwarded.ts';

describe('reasons', () => {
  it('are all documented, and no page row is stale', () => {
    const page = readFileSync(new URL('../../../../docs/not-forwarded.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| ([a-z_]+) +\|/gm)].map(([, name]) => name);
    expect(documented.filter((name) => name !== 'reason').sort()).toEqual(
      reasons.map(([name]) => name).sort(),
    );
  });
});

describe('an example', () => {
  const example = {
    at: 5_000_000_000n,
    key: {
      client: addressToWords('fd00::1' as Address),
      vip: addressToWords('fd00::100' as Address),
      clientPort: 1234,
      virtualPort: 80,
      protocol: 6,
      family: 6,
      pad: [0, 0],
    },
    interface: 2,
    bytes: 60,
  };

  it('is absent until there is one', () => {
    expect(decodeExample({ ...example, at: 0n }, 0n)).toBeUndefined();
  });

  it('says who sent what to whom, and when', () => {
    expect(decodeExample(example, 7_900_000_000n)).toEqual({
      secondsAgo: 2,
      protocol: 6,
      client: '[fd00::1]:1234',
      virtual: '[fd00::100]:80',
      interface: 2,
      bytes: 60,
    });
    expect(decodeExample(example, 4_000_000_000n)?.secondsAgo).toBe(0);
  });
});
