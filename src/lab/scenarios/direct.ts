/** Direct routing beyond the walkthrough: both families, TCP and UDP, and a datagram that comes in fragments. */

import type { Scenario, Step } from '../scenario.ts';
import { dual } from '../topologies.ts';
import {
  accepted,
  addService,
  ask,
  byTurns,
  curls,
  director,
  directorHoldsVips,
  endpoints,
  realServers,
  serversWithVips,
  udpServer,
  vip4,
  vip6,
} from './common.ts';

const tcp: Step = {
  row: '3',
  title: 'TCP, in IPv4 and IPv6',
  why: 'Only the MAC is rewritten, so it is the same work in both families.',
  async play(stage) {
    await addService(stage, `-t ${vip4}:80 -s rr`, endpoints('dual', 4, 80));
    await addService(stage, `-t [${vip6}]:80 -s rr`, endpoints('dual', 6, 80));
    byTurns(stage, 'IPv4', await curls(stage, `http://${vip4}/`, 10_001));
    byTurns(stage, 'IPv6', await curls(stage, `http://[${vip6}]/`, 10_101));
    const { stdout } = await stage.type(director, 'ipvsadm -ln');
    stage.check(
      'the listing has both families',
      /TCP {2}\[2001:db8:1::100\]:80 rr/.test(stdout),
      () => stdout,
    );
  },
};

const udp: Step = {
  row: '4',
  title: 'UDP, and datagrams of 4000 octets, which come in fragments',
  why: 'Only the first fragment has ports; the others must follow it to the same real server.',
  async play(stage) {
    for (const server of realServers)
      for (const address of [vip4, vip6]) await udpServer(stage, server, address, 53);
    await addService(stage, `-u ${vip4}:53 -s rr`, endpoints('dual', 4, 53));
    await addService(stage, `-u [${vip6}]:53 -s rr`, endpoints('dual', 6, 53));
    for (const [family, address] of [
      ['IPv4', vip4],
      ['IPv6', vip6],
    ] as const) {
      const short = await ask(stage, { address, port: 53, bytes: 100, firstPort: 11_001, count: 4 });
      byTurns(stage, `${family}, 100 octets`, short, ' 100');
      const long = await ask(stage, { address, port: 53, bytes: 4000, firstPort: 12_001, count: 4 });
      byTurns(stage, `${family}, 4000 octets arrive whole`, long, ' 4000');
    }
  },
};

const nobody: Step = {
  row: '5',
  title: 'No real server is left',
  why: 'A client hears at once, by ICMP, that nobody is there: it need not wait for its own patience to end.',
  async play(stage) {
    for (const [family, virtual] of [
      [4, vip4],
      [6, `[${vip6}]`],
    ] as const) {
      for (const server of endpoints('dual', family, 80))
        await accepted(stage, director, `ipvsadm -e -t ${virtual}:80 -r ${server} -g -w 0`);
      const answers = await curls(stage, `http://${virtual}/`, 13_001, 1);
      stage.check(`IPv${family}: refused at once (curl's exit code 7)`, answers[0] === 'curl: 7', () =>
        answers.join(', '),
      );
    }
    const { stdout } = await stage.type(director, 'fairlead drops');
    stage.check('fairlead drops names the reason', /^no_server\s+[2-4] /m.test(stdout), () => stdout);
  },
};

export const direct: Scenario = {
  name: 'direct',
  about: 'direct routing in IPv4 and IPv6, TCP and UDP, fragments, refusals',
  topology: dual,
  tools: ['curl', 'busybox', 'node'],
  steps: [directorHoldsVips, serversWithVips('2'), tcp, udp, nobody],
};
