/** Persistence over several services, by port 0 and by firewall mark, and thresholds. */

import type { Scenario, Stage, Step } from '../scenario.ts';
import { dual } from '../topologies.ts';
import {
  accepted,
  addService,
  byTurns,
  curls,
  director,
  directorHoldsVips,
  endpoints,
  realServers,
  serversWithVips,
  vip4,
  webServer,
} from './common.ts';

const secondService: Step = {
  row: '3',
  title: 'A second web server on each real server, on port 8080',
  why: 'A shop has its baskets behind one port and its cash desk behind another; both must be on one server.',
  async play(stage) {
    for (const server of realServers) await webServer(stage, server, 8080);
  },
};

const apart: Step = {
  row: '4',
  title: 'Without persistence the ports go their own ways',
  why: 'To see that what follows is not chance.',
  async play(stage) {
    for (const port of [80, 8080])
      await addService(stage, `-t ${vip4}:${port} -s rr`, endpoints('dual', 4, port));
    byTurns(stage, 'port 80', await curls(stage, `http://${vip4}/`, 10_001, 2));
    await accepted(stage, director, 'ipvsadm -C');
  },
};

const anyPort: Step = {
  row: '5',
  title: 'Persistent, on every port: one client, one real server',
  why: 'The first connection makes a template of client and virtual address; all further ones follow it.',
  async play(stage) {
    await addService(stage, `-t ${vip4}:0 -s rr -p 60`, endpoints('dual', 4, 0));
    await sameServer(stage, 11_001);
    const { stdout } = await stage.type(director, 'ipvsadm -ln --persistent-conn');
    stage.check('one template is listed', /-> \S+ +1 +1 +\d+ +\d+/.test(stdout), () => stdout);
    await accepted(stage, director, 'ipvsadm -C');
  },
};

const byMark: Step = {
  row: '6',
  title: 'The same by firewall mark: these two ports, and no others',
  why: 'The data plane sees packets before netfilter could mark them: rules of its own say what is marked.',
  async play(stage) {
    await accepted(stage, director, `fairlead mark add 7 --destination ${vip4} --protocol tcp --ports 80`);
    await accepted(stage, director, `fairlead mark add 7 --destination ${vip4} --protocol tcp --ports 8080`);
    await stage.type(director, 'fairlead mark list');
    await addService(stage, '-f 7 -s rr -p 60', endpoints('dual', 4, 0));
    await sameServer(stage, 12_001);
    await accepted(stage, director, 'ipvsadm -C && fairlead mark clear');
  },
};

const thresholds: Step = {
  row: '7',
  title: 'Thresholds: no more than two connections for each real server',
  why: 'A full real server gets no new connections; when all are full, clients hear so at once.',
  async play(stage) {
    const servers = endpoints('dual', 4, 8080);
    await addService(stage, `-t ${vip4}:8080 -s rr`, servers, '-g -x 2');
    const answers = await curls(stage, `http://${vip4}:8080/`, 13_001, 5);
    byTurns(stage, 'four connections', answers.slice(0, 4));
    stage.check("the fifth is refused at once (curl's exit code 7)", answers[4] === 'curl: 7', () =>
      answers.join(', '),
    );
    await stage.type(director, 'ipvsadm -ln --thresholds');
    await accepted(stage, director, `ipvsadm -e -t ${vip4}:8080 -r ${servers[0]} -g -x 3`);
    const more = await curls(stage, `http://${vip4}:8080/`, 14_001, 1);
    stage.check('with more room there is an answer again', more[0] === 'rs1', () => more.join(', '));
  },
};

async function sameServer(stage: Stage, firstPort: number): Promise<void> {
  const first = await curls(stage, `http://${vip4}/`, firstPort, 3);
  const second = await curls(stage, `http://${vip4}:8080/`, firstPort + 10, 3);
  const names = new Set([...first, ...second]);
  const one = names.size === 1 && first.length === 3 && second.length === 3;
  stage.check(
    'six connections over two ports reach one real server',
    one && !first[0]?.startsWith('curl'),
    () => [...first, ...second].join(', '),
  );
}

export const persistence: Scenario = {
  name: 'persistence',
  about: 'persistence over several services, by port 0 and by firewall mark; thresholds',
  topology: dual,
  tools: ['curl', 'busybox'],
  steps: [directorHoldsVips, serversWithVips('2'), secondService, apart, anyPort, byMark, thresholds],
};
