import { afterEach, describe, expect, it } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import { currentNamespace } from '../../linux/namespace.ts';
import type { Job } from '../job.ts';
import { createChecker } from './checker.ts';

const { execPath } = process;
const target = {
  rip: '10.0.0.11' as Address,
  rport: 80 as Port,
  via: 'rip',
  vport: 0 as Port,
  protocol: 'tcp',
} as const;
const job: Job = { id: 'a', probe: { kind: 'tcp' }, target, intervalMs: 1000, timeoutMs: 500, jitter: 0 };

describe('a checker', () => {
  afterEach(() => {
    process.execPath = execPath;
  });

  it('that cannot be started is said, and takes nobody with it', async () => {
    const said: string[] = [];
    const log = (line: string): number => said.push(line);
    const checker = createChecker({ namespace: currentNamespace(), report: () => undefined, log });
    process.execPath = 'node\0'; // spawn() throws then, as where the kernel has no memory for it
    checker.want([job]);
    await checker.close();
    expect(said).toEqual([expect.stringMatching(/^checker: it cannot be started, and is tried again: /)]);
  });
});
