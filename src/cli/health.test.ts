import { describe, expect, it } from 'vitest';
import type { HealthStatus, ServerHealth } from '../api/health.ts';
import { narrowed, renderHealth } from './health.ts';

const noon = '2026-01-01T12:00:00.000Z';
const now = Date.parse(noon) + 65_000;

function server(text: string, part: Partial<ServerHealth>): ServerHealth {
  const checks = [{ name: 'web', verdict: 'up', passed: 12, failed: 0, latencyMs: 0.75 }] as const;
  return {
    ...{ server: text, state: 'up', since: noon, reason: 'new', wanted: 1, weight: 1, checks },
    ...part,
  };
}

const { weight: _, ...gone } = server('10.0.0.12:80', {
  ...{ state: 'down', reason: 'web: refused: nobody', wanted: 2 },
  checks: [{ name: 'web', verdict: 'down', passed: 9, failed: 3, said: 'refused: nobody' }],
});

const status: HealthStatus = {
  jobs: 3,
  services: [
    {
      ...{ service: 'tcp:192.0.2.10:80', name: 'web', hasQuorum: true, weight: 1, needed: 1, isSorry: false },
      servers: [server('10.0.0.11:80', { state: 'starting', share: 0.256, weight: 16 }), gone],
    },
    {
      ...{ service: 'tcp:[2001:db8::10]:80', hasQuorum: false, weight: 0, needed: 1, isSorry: true },
      servers: [server('[fd00::11]:80', { state: 'disabled', wanted: 0, weight: 0 })],
    },
  ],
};

describe('health as a person reads it', () => {
  it('has a block for each service and a row for each real server', () => {
    expect(renderHealth(status, now)).toBe(`\
tcp:192.0.2.10:80  web; quorum: weight 1 is up, 1 is needed
  real server   state         weight  since  passed  failed  latency  why
  10.0.0.11:80  starting 25%  16/1    65s    12      0       0.8 ms   new
  10.0.0.12:80  down          -/2     65s    9       3       -        web: refused: nobody

tcp:[2001:db8::10]:80; NO QUORUM: weight 0 is up, 1 is needed; the sorry server serves
  real server    state     weight  since  passed  failed  latency  why
  [fd00::11]:80  disabled  0       65s    12      0       0.8 ms   weight 0 is wanted
`);
  });

  it.each([
    ['web', ['10.0.0.11:80', '10.0.0.12:80']],
    ['tcp:192.0.2.10:80', ['10.0.0.11:80', '10.0.0.12:80']],
    ['192.0.2.10:80', ['10.0.0.11:80', '10.0.0.12:80']],
    ['10.0.0.12', ['10.0.0.12:80']],
    ['fd00::11', ['[fd00::11]:80']],
    ['10.0.0.13', []],
  ])('is narrowed by %s', (what, servers) => {
    expect(narrowed(status, what).services.flatMap((each) => each.servers.map((one) => one.server))).toEqual(
      servers,
    );
  });
});
