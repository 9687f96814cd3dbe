/** What a director has of what a configuration is about. */

import type { Client } from '../../api/client.ts';
import { inTurns, type Turns } from '../../api/turns.ts';
import type { Target } from '../../config/apply.ts';
import type { Running } from '../../config/configuration.ts';
import { withOctets } from '../../health/octets.ts';
import { noPlan } from '../../health/plan.ts';
import { closedApi } from '../../ipvs/listener.ts';
import { initialSysctls } from '../../ipvs/sysctl.ts';

/** A command has nobody else to see to. */
const noTurns: Turns = { isOver: () => false, next: () => Promise.resolve() };

/** A director to apply a configuration to. */
export function targetOf(client: Client): Target {
  return {
    // The tag is of before the rest was read: who changes something by it changes nothing that he has not seen.
    async look() {
      const { configuration: tag } = await client.call('status', {});
      return { running: await runningOf(client), tag };
    },
    work: (pieces) => inTurns(pieces, noTurns),
    transact: (calls, tag) =>
      client.call('transaction', { body: calls }, tag === undefined ? undefined : { ifMatch: tag }),
  };
}

export async function runningOf(client: Client): Promise<Running> {
  const [services, vips, sysctls, timeouts, marks, api, health] = await Promise.all([
    client.call('getWanted', {}),
    client.call('listVips', {}),
    client.call('getSysctls', {}),
    client.call('getTimeouts', {}),
    client.call('listMarkRules', {}),
    client.call('getApi', {}),
    client.call('getHealthPlan', {}),
  ]);
  return { services, vips, sysctls, timeouts, marks, api, health: withOctets(health) };
}

/** A director that has just been started. */
export const nothingRuns: Running = {
  services: [],
  vips: [],
  sysctls: initialSysctls,
  timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
  marks: [],
  api: closedApi,
  health: noPlan,
};
