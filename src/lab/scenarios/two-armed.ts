/** A director between two networks: real servers behind it answer clients by a router, past the director. */

import type { Scenario, Step } from '../scenario.ts';
import { routed } from '../topologies.ts';
import {
  accepted,
  addService,
  byTurns,
  curls,
  directorHoldsVips,
  endpoints,
  realServers,
  serversWithVips,
  vip4,
  vip6,
} from './common.ts';

const services: Step = {
  row: '3',
  title: 'Clients on one side, real servers on the other',
  why: 'Requests come in by eth0 and go out by eth1; answers take the way back through the router.',
  async play(stage) {
    for (const [virtual, family] of [
      [vip4, 4],
      [`[${vip6}]`, 6],
    ] as const) {
      await addService(stage, `-t ${virtual}:80 -s rr`, endpoints('routed', family, 80));
      byTurns(stage, `IPv${family}`, await curls(stage, `http://${virtual}/`, 10_001 + 100 * family));
    }
  },
};

const pathMtu: Step = {
  row: '4',
  title: 'A narrow path to the client',
  why: 'The router tells the sender, which is the virtual address, that fragmentation is needed: the director must pass that on to the real server whose packet it was.',
  async play(stage) {
    await accepted(stage, 'router', 'ip link set dev eth0 mtu 1400');
    for (const server of realServers)
      await accepted(stage, server, "head -c 200000 /dev/zero | tr '\\0' x > www/large");
    const line = `for p in 11001 11002; do curl -sS -m 8 --local-port $p -o /dev/null -w '%{size_download}\\n' http://${vip4}/large; done`;
    const { stdout, stderr } = await stage.type('client', line);
    stage.check('both large pages arrive whole', stdout === '200000\n200000\n', () => stdout + stderr);
    for (const server of realServers) {
      const { stdout: route } = await stage.type(server, 'ip route get 192.0.2.250 from 192.0.2.100');
      stage.check(`${server} has learnt the path's MTU`, route.includes('mtu 1400'), () => route);
    }
  },
};

export const twoArmed: Scenario = {
  name: 'two-armed',
  about: 'a director with clients on one side and real servers on the other, and a narrow path',
  topology: routed,
  tools: ['curl', 'busybox'],
  steps: [directorHoldsVips, serversWithVips('2'), services, pathMtu],
};
