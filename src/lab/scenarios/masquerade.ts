/** Address translation: real servers that know nothing of the virtual address, on a port of their own. */

import type { Scenario, Step } from '../scenario.ts';
import { routed } from '../topologies.ts';
import {
  accepted,
  addresses,
  addService,
  ask,
  byTurns,
  curls,
  director,
  directorHoldsVips,
  endpoints,
  realServers,
  udpServer,
  vip4,
  vip6,
  webServer,
} from './common.ts';

const servers: Step = {
  row: '2',
  title: 'Real servers on port 8080, with the director as their gateway',
  why: 'Answers must pass the director again, which puts the virtual address back into them.',
  async play(stage) {
    for (const server of realServers) {
      await accepted(stage, server, 'ip route replace default via 198.51.100.1');
      await accepted(stage, server, 'ip -6 route replace default via 2001:db8:2::1');
      await webServer(stage, server, 8080);
      const [ipv4] = addresses.routed[server];
      await udpServer(stage, server, ipv4, 5353);
    }
  },
};

const services: Step = {
  row: '3',
  title: 'Masquerading, TCP in both families and UDP',
  why: 'Destination address and port are translated on the way in, source address and port on the way out.',
  async play(stage) {
    for (const [virtual, family] of [
      [vip4, 4],
      [`[${vip6}]`, 6],
    ] as const) {
      await addService(stage, `-t ${virtual}:80 -s rr`, endpoints('routed', family, 8080), '-m');
      byTurns(stage, `IPv${family}`, await curls(stage, `http://${virtual}/`, 10_001 + 100 * family));
    }
    await addService(stage, `-u ${vip4}:53 -s rr`, endpoints('routed', 4, 5353), '-m');
    const answers = await ask(stage, { address: vip4, port: 53, bytes: 1200, firstPort: 11_001, count: 4 });
    byTurns(stage, 'UDP', answers, ' 1200');
  },
};

const proof: Step = {
  row: '4',
  title: 'What the director saw',
  why: 'It sees both directions: it counts them, and follows each connection to its end.',
  async play(stage) {
    const { stdout } = await stage.type(director, 'ipvsadm -lcn');
    const closed = stdout.split('\n').filter((line) => / TIME_WAIT | CLOSE /.test(line)).length;
    stage.check('all eight TCP connections are seen closed from both sides', closed === 8, () => stdout);
    const stats = (await stage.type(director, 'ipvsadm -ln --stats --exact')).stdout;
    const out = [...stats.matchAll(/^ {2}-> \S+ +\d+ +\d+ +(\d+)/gm)].map(([, packets]) => Number(packets));
    stage.check(
      'answers are counted for every real server',
      out.length === 6 && out.every((packets) => packets > 0),
      () => stats,
    );
  },
};

export const masquerade: Scenario = {
  name: 'masquerade',
  about: 'address translation (-m): other addresses, other ports, answers through the director',
  topology: routed,
  tools: ['curl', 'busybox', 'node'],
  steps: [directorHoldsVips, servers, services, proof],
};
