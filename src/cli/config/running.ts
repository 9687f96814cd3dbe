/** What a director has of what a configuration is about. */

import type { Client } from '../../api/client.ts';
import type { Running } from '../../config/configuration.ts';
import { closedApi } from '../../ipvs/listener.ts';
import { initialSysctls } from '../../ipvs/sysctl.ts';

export async function runningOf(client: Client): Promise<Running> {
  const [services, vips, sysctls, timeouts, marks, api] = await Promise.all([
    client.call('getConfiguration', {}),
    client.call('listVips', {}),
    client.call('getSysctls', {}),
    client.call('getTimeouts', {}),
    client.call('listMarkRules', {}),
    client.call('getApi', {}),
  ]);
  return { services, vips, sysctls, timeouts, marks, api };
}

/** A director that has just been started. */
export const nothingRuns: Running = {
  services: [],
  vips: [],
  sysctls: initialSysctls,
  timeouts: { tcp: 900, tcpFin: 120, udp: 300 },
  marks: [],
  api: closedApi,
};
