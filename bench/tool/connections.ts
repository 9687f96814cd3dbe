/** A table full of connections, made by the director's own program out of packets that nobody sent. */

import { directorPlace } from '../../src/dataplane/bpf/place.ts';
import { queryTc } from '../../src/linux/bpf-hook.ts';
import { closeFd, programById } from '../../src/linux/bpf-program.ts';
import { listLinks } from '../../src/linux/links.ts';
import { ends, firstPort, openTraffic, type Traffic } from '../per-packet/traffic.ts';
import { ipvsadm, realServers, type Stage } from './stage.ts';
import { timed } from './timed.ts';

/** TC_ACT_REDIRECT. */
const redirected = 7;
/** So many packets to a run: the daemon has its turn in between. */
const portion = 1 << 16;

/** Established connections of so many flows, all to one service. */
export async function establish({ director, ip }: Stage, flows: number): Promise<void> {
  const { vip } = ends[4];
  const service = ['-t', `${vip}:${firstPort}`];
  await ip(`route add local ${vip}/32 dev lo`);
  await timed(director, [ipvsadm, '-A', ...service, '-s', 'rr']);
  for (const address of Object.values(realServers))
    await timed(director, [ipvsadm, '-a', ...service, '-r', `${address}:${firstPort}`, '-g']);
  director.inside(() => runFlows(flows));
}

function runFlows(flows: number): void {
  const eth0 = listLinks().find(({ name }) => name === 'eth0');
  const program = programById((eth0 && queryTc(eth0.index, directorPlace)) ?? 0);
  if (!eth0 || program === undefined) throw new Error('eth0 has no director');
  const traffic = openTraffic(eth0.index, eth0.mac);
  traffic.test('tc', program);
  for (let from = 0; from < flows; from += portion) {
    for (const flags of ['SYN', 'ACK'] as const) {
      traffic.plan({ ...plan, flows, flags, from });
      const { verdict } = traffic.run('tc', Math.min(portion, flows - from));
      if (verdict !== redirected) throw new Error(`a packet of a connection was answered ${verdict}`);
    }
  }
  traffic.close();
  closeFd(program);
}

const plan: Omit<Traffic, 'flows' | 'flags'> = {
  family: 4,
  services: 1,
  ports: 4,
  headers: 0,
  isNotOurs: false,
};
