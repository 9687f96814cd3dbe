/** Prometheus's own programs and the parser of its client library, as Debian brings them: what they say of a text. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lab/package-root.ts';
import { type Outcome, run } from '../director/processes.ts';

const unpacked = join(packageRoot, '.setup/prometheus/usr/bin');
const program = (name: string): string | undefined =>
  ['/usr/bin', unpacked].map((directory) => join(directory, name)).find(existsSync);
const promtool = program('promtool');
/** The server; it is of the same package. */
export const prometheus = program('prometheus') ?? 'prometheus';
const pythonClient = '/usr/lib/python3/dist-packages/prometheus_client';

/** A sentence to skip with, or `undefined`. */
export function prometheusObstacle(): string | undefined {
  if (promtool !== undefined && existsSync(pythonClient)) return undefined;
  return 'needs promtool and python3-prometheus-client (node scripts/setup.mjs interop)';
}

/** `promtool WORDS`, with a text as standard input. */
export async function runPromtool(words: readonly string[], input = ''): Promise<Outcome> {
  return await run([promtool ?? 'promtool', ...words], { input });
}

export type Parsed = {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly (readonly [
    name: string,
    labels: Readonly<Record<string, string>>,
    value: number,
  ])[];
};

const parse = `
import sys, json
from prometheus_client.{module} import text_fd_to_metric_families as families
print(json.dumps([
    {'name': f.name, 'type': f.type, 'unit': f.unit, 'help': f.documentation,
     'samples': [[s.name, s.labels, s.value] for s in f.samples]}
    for f in families(sys.stdin)]))
`;

/** The families of a text. OpenMetrics is read strictly: whatever the specification forbids is an error. */
export async function parsed(text: string, format: 'prometheus' | 'openmetrics'): Promise<readonly Parsed[]> {
  const module = format === 'prometheus' ? 'parser' : 'openmetrics.parser';
  const script = parse.replace('{module}', module);
  const { code, stdout, stderr } = await run(['/usr/bin/python3', '-c', script], { input: text });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly Parsed[];
}
