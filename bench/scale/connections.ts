/** Many connections: what they take, whether all are held, and how long their expiry takes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { frameClock } from '../cpu.ts';
import type { Figure } from '../figure.ts';
import { openStage, type Stage } from '../per-packet/stage.ts';
import type { Traffic } from '../per-packet/traffic.ts';
import { spreadOf } from '../statistics.ts';
import { mapBytes } from './memory.ts';

const mostBytes = 192;
/** Of a director that is compared with: as good as none. */
const fewConnections = 1024;
const firstPortion = 16_384;
/** Of connections made since the tables were last sized, of those that there are. */
const growth = 1 / 4;
const settling = 3;
const rows = { count: 'held', bytes: 'memory of one' } as const;

/** Rows of a director with room for exactly so many. */
export async function measureConnections(
  flows: number,
  signal: AbortSignal,
  report: (figure: Figure) => void,
): Promise<void> {
  const few = openStage(fewConnections);
  const without = mapBytes(few.maps());
  few.remove();
  const stage = openStage(flows);
  try {
    stage.configure({ family: 4, services: 1, servers: 10, service: { scheduler: 'rr' }, server: {} });
    const said = flows.toLocaleString('en-US').replaceAll(',', ' ');
    await makeConnections(stage, flows, signal);
    const { count } = stage.plane.connectionTable();
    report(single(`${said} connections, ${rows.count}`, count, 'connections'));
    const full = mapBytes(stage.maps());
    const each = (full - without) / count;
    report({
      ...single(`${said} connections, ${rows.bytes}`, each, 'B'),
      ratios: [{ to: `${mostBytes} B`, value: spreadOf([each / mostBytes]), atMost: 1 }],
    });
    report(single(`${said} connections, the whole director for one`, full / count, 'B'));
    await expire(stage, flows, said, report);
  } finally {
    stage.remove();
  }
}

export function single(name: string, value: number, unit: Figure['unit']): Figure {
  return { name, value: spreadOf([value]), unit, ratios: [] };
}

const trafficOf = (flows: number): Traffic => ({
  ...{ family: 4, services: 1, flows, ports: 4, flags: 'ACK', headers: 0, isNotOurs: false },
});

/** SYN and ACK of each, by TC, with sweeps in between as a daemon makes them. */
async function makeConnections(stage: Stage, flows: number, signal: AbortSignal): Promise<void> {
  const { traffic, plane } = stage;
  traffic.test('tc', stage.program('tc'));
  for (let from = 0; from < flows; ) {
    const packets = Math.min(Math.max(firstPortion, Math.ceil(from * growth)), flows - from);
    stage.inside(() => {
      for (const flags of ['SYN', 'ACK'] as const) {
        traffic.plan({ ...trafficOf(flows), flags, from });
        traffic.run('tc', packets);
      }
      plane.sweep();
    });
    from += packets;
    await sleep(0);
    signal.throwIfAborted();
  }
  for (let round = 0; round < settling; round++) stage.inside(() => plane.sweep());
}

const timeoutSeconds = 2;
const tries = 20;

/** CPU time of the sweeps that take all out once their time is over. */
async function expire(
  stage: Stage,
  flows: number,
  said: string,
  report: (figure: Figure) => void,
): Promise<void> {
  const { traffic, plane } = stage;
  stage.inside(() => {
    plane.setTimeouts({ ...plane.timeouts(), tcp: timeoutSeconds });
    traffic.plan({ ...trafficOf(flows), from: 0 });
    traffic.run('tc', flows);
  });
  await sleep(timeoutSeconds * 1000 + 500);
  const clock = frameClock();
  const began = clock();
  for (let sweep = 0; sweep < tries && plane.connectionTable().count > 0; sweep++)
    stage.inside(() => plane.sweep());
  const took = clock() - began;
  const { count } = plane.connectionTable();
  if (count > 0) throw new Error(`${count} of ${flows} connections have outlived their timeout`);
  report(single(`${said} connections, expiry of all`, took / 1e9, 's'));
  report(single(`${said} connections, expiry of one`, took / flows, 'ns'));
}
