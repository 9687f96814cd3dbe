import { describe, expect, it } from 'vitest';
import { freePages, pagesIn } from './memory.ts';

describe('free pages', () => {
  it('are what is free and what buffers block devices, and no cache of files', () => {
    const meminfo =
      'MemTotal:        8000000 kB\nMemFree:          400000 kB\nMemAvailable:    5000000 kB\nBuffers:           40000 kB\nCached:          4000000 kB\n';
    expect(pagesIn(meminfo, 4096)).toBe(110_000);
    expect(pagesIn(meminfo, 65_536)).toBe(6_875);
  });

  it('are some, here and now', () => {
    expect(freePages()).toBeGreaterThan(0);
  });
});
