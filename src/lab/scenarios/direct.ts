/** Direct routing beyond the walkthrough: both families, TCP and UDP, and a datagram that comes in fragments. */

import type { Scenario, Step } from '../scenario.ts';
import { dual } from '../topologies.ts';
import {
  accepted,
  addresses,
  ask,
  byTurns,
  curls,
  director,
  directorHoldsVips,
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
    await accepted(stage, director, `ipvsadm -A -t ${vip4}:80 -s rr`);
    await accepted(stage, director, `ipvsadm -A -t [${vip6}]:80 -s rr`);
    for (const server of realServers) {
      const [ipv4, ipv6] = addresses.dual[server];
      await accepted(stage, director, `ipvsadm -a -t ${vip4}:80 -r ${ipv4}:80 -g`);
      await accepted(stage, director, `ipvsadm -a -t [${vip6}]:80 -r [${ipv6}]:80 -g`);
    }
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
    await accepted(stage, director, `ipvsadm -A -u ${vip4}:53 -s rr`);
    await accepted(stage, director, `ipvsadm -A -u [${vip6}]:53 -s rr`);
    for (const server of realServers) {
      const [ipv4, ipv6] = addresses.dual[server];
      await udpServer(stage, server, vip4, 53);
      await udpServer(stage, server, vip6, 53);
      await accepted(stage, director, `ipvsadm -a -u ${vip4}:53 -r ${ipv4}:53 -g`);
      await accepted(stage, director, `ipvsadm -a -u [${vip6}]:53 -r [${ipv6}]:53 -g`);
    }
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
    for (const [family, url, service] of [
      ['IPv4', `http://${vip4}/`, `-t ${vip4}:80`],
      ['IPv6', `http://[${vip6}]/`, `-t [${vip6}]:80`],
    ] as const) {
      for (const server of realServers) {
        const [ipv4, ipv6] = addresses.dual[server];
        const real = family === 'IPv4' ? ipv4 : `[${ipv6}]`;
        await accepted(stage, director, `ipvsadm -e ${service} -r ${real}:80 -g -w 0`);
      }
      const answers = await curls(stage, url, 13_001, 1);
      stage.check(`${family}: refused at once (curl's exit code 7)`, answers[0] === 'curl: 7', () =>
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
