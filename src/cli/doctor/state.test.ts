/** What the doctor asks a director, and what it makes of the answers. */

import { describe, expect, it } from 'vitest';
import type { Client } from '../../api/client.ts';
import type { HealthSummary, ServerHealth, ServerState } from '../../api/health.ts';
import { destination, rips, service, vip } from '../../doctor/view.fixture.ts';
import { directorState } from './state.ts';

const reason = 'web: refused';
const text = `tcp:${vip}:80`;

function health(server: string, state: ServerState): ServerHealth {
  return { server, state, since: '2026-01-01T00:00:00.000Z', reason, wanted: 3, checks: [] };
}

/** A director of one service with two real servers, of which the summary tells this; and what it was asked. */
async function asked(out: readonly ServerHealth[], more: Partial<HealthSummary> = {}) {
  const listed = { ...service, destinations: rips.map((rip) => destination(rip, { weight: 0 })) };
  const names: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    listServices: [listed],
    status: { interfaces: [], claims: [] },
    summarizeHealth: {
      ...{ servers: 2, serving: 2 - out.length, withoutQuorum: 0, quorumless: [], blind: 0, jobs: 2 },
      out: out.map((server) => ({ service: text, server })),
      ...more,
    },
    getHealth: { services: [{ service: text, servers: rips.map((rip) => health(`${rip}:80`, 'down')) }] },
    getWanted: [{ ...service, destinations: rips.map((rip) => destination(rip, { weight: 3 })) }],
  };
  const client = {
    call: (name: string) => {
      names.push(name);
      return Promise.resolve(answers[name]);
    },
    async *stream() {},
  } as unknown as Client;
  return { state: await directorState(client), names };
}

describe('real servers that are kept out', () => {
  it('are asked for by name where the summary has one that is down', async () => {
    const { state } = await asked([health(`${rips[0]}:80`, 'down')]);
    expect(state.keptOut).toMatchObject(
      rips.map((address) => ({ destination: { address, weight: 3 }, reason })),
    );
  });

  it('are asked for where the summary does not tell of all that do not serve', async () => {
    const { state } = await asked([health(`${rips[0]}:80`, 'disabled')], { serving: 0 });
    expect(state.keptOut.length).toBe(2);
  });

  it.each([
    ['everybody serves', []],
    ['the others are meant not to', [health(`${rips[0]}:80`, 'disabled')]],
  ])('are not asked for where %s: a large table would be told for nothing', async (_, out) => {
    const { state, names } = await asked(out);
    expect(state.keptOut).toEqual([]);
    expect(names).not.toContain('getHealth');
    expect(names).not.toContain('getWanted');
  });
});
