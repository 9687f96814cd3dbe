/**
 * Two kinds of tests: `unit` beside the sources, pure and parallel, and `privileged` under test/, which load
 * BPF and make network namespaces, so that they need root. Of those two files run at once: each has namespaces
 * of its own, and they wait more than they compute.
 */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.mjs'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'privileged',
          include: ['test/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
