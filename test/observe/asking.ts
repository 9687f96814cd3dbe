/** What a director answers to programs that know HTTP, and nothing of Fairlead. */

import { socketPath } from '../../src/api/paths.ts';
import type { Namespace } from '../director/support.ts';

/** The body of a page, asked of the director's socket. */
export async function ask(
  { inode, must }: Namespace,
  path: string,
  ...options: readonly string[]
): Promise<string> {
  return await must(
    'curl',
    '-sgm',
    '20',
    '--unix-socket',
    socketPath(inode),
    ...options,
    `http://director${path}`,
  );
}

export const openMetrics = ['-H', 'accept: application/openmetrics-text; version=1.0.0'] as const;
