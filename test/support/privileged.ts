/** What tests that load BPF need, and what is missing here. */

import { readFileSync } from 'node:fs';

/** A sentence to skip with, or `undefined` when this process may make namespaces and load BPF. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.geteuid?.() !== 0) return 'needs root';
  const capabilities = BigInt(
    `0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`,
  );
  const CAP_SYS_ADMIN = 21n;
  if (((capabilities >> CAP_SYS_ADMIN) & 1n) === 0n) return 'needs CAP_SYS_ADMIN, which this container lacks';
  return undefined;
}
