/** The director is a real server itself. */

import type { Scenario, Step } from '../scenario.ts';
import { dual } from '../topologies.ts';
import {
  addresses,
  addService,
  client,
  curls,
  director,
  directorHoldsVips,
  serversWithVips,
  vip4,
  vip6,
  webServer,
} from './common.ts';

const services: Step = {
  row: '3',
  title: 'The director serves as well',
  why: 'What the scheduler gives to an address of this host goes up its own stack.',
  async play(stage) {
    await webServer(stage, director, 80);
    for (const [name, vip, real, own, firstPort] of [
      ['IPv4', vip4, addresses.dual.rs1[0], '127.0.0.1', 10_001],
      ['IPv6', `[${vip6}]`, `[${addresses.dual.rs1[1]}]`, '[::1]', 10_101],
    ] as const) {
      await addService(stage, `-t ${vip}:80 -s rr`, [`${real}:80`, `${own}:80`]);
      const answers = await curls(stage, `http://${vip}/`, firstPort);
      stage.check(
        `${name}: the director and the real server answer by turns, the newest first`,
        answers.join(' ') === 'director rs1 director rs1',
        () => answers.join(', '),
      );
    }
  },
};

const states: Step = {
  row: '4',
  title: 'Both directions are seen',
  why: "The director's own answers pass by it, so that these connections are followed to their end.",
  async play(stage) {
    const { stdout } = await stage.type(director, 'ipvsadm -lcn');
    const own = stdout.split('\n').filter((line) => /127\.0\.0\.1:80|\[::1\]:80/.test(line));
    const seen = own.length === 4 && own.every((line) => / TIME_WAIT | CLOSE | FIN_WAIT /.test(line));
    stage.check('connections to the director itself are over, those to rs1 in FIN_WAIT', seen, () => stdout);
    const plain = await stage.type(client, `curl -sS -m 2 http://192.0.2.1/`);
    stage.check(
      "the director's own address is not balanced",
      plain.stdout === 'director\n',
      () => plain.stdout,
    );
  },
};

export const localNode: Scenario = {
  name: 'local-node',
  about: 'the director is one of the real servers',
  topology: dual,
  tools: ['curl', 'busybox'],
  steps: [directorHoldsVips, serversWithVips('2'), services, states],
};
