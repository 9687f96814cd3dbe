/**
 * Two kinds of tests: `unit` beside the sources, pure, and `privileged` under test/, which load BPF and make network
 * namespaces, so that they need root. Files share a process with others: its modules are loaded once, and so is the bench
 * of test/support/test.ts. Of the privileged more run at once than there are CPUs: each has namespaces of its own, and
 * they wait more than they compute. The limits of time end what hangs; a busy machine must not come near to them.
 */

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// Node would read a machine's further certificates whenever it starts, which takes longer than all the rest of an ipvsadm.
delete process.env['NODE_EXTRA_CA_CERTS'];

/** What takes longest begins first: nobody waits for it alone at the end. By their paths' beginnings. */
const longest = [
  'test/lab/pitfalls',
  'test/lab/',
  'test/interop/ldirectord',
  'test/director/tcp-api',
  'test/realserver/push',
  'test/realserver/join',
  'test/director/carry',
  'test/director/upgrade-load',
  'test/bench/',
  'test/health/',
  'test/director/',
  'test/realserver/',
  'test/packets/wire',
  'test/packets/schedulers',
  'test/config/',
  'test/doctor/',
  'test/compare/',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((path) => moduleId.startsWith(`${this.ctx.config.root}/${path}`));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'bench/**/*.test.ts', 'scripts/**/*.test.mjs'],
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'privileged',
          include: ['test/**/*.test.ts'],
          pool: 'forks',
          isolate: false,
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
