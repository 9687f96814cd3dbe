/** Rows 22 to 28: what a director remembers, and what that does to clients. */

import type { Stage } from '../../scenario.ts';
import {
  accepted,
  addService,
  client,
  director,
  endpoints,
  eventually,
  programs,
  realServers,
  udpServer,
  vip4,
  vip6,
} from '../../scenarios/common.ts';
import { linesOf } from '../../scenarios/walkthrough/setting.ts';
import type { Fault, Line } from '../fault.ts';
import { oneArmed } from '../settings.ts';
import { allHang, ask, endsIn, refused, servedByAll } from '../traffic.ts';

const on = (host: string, ...lines: readonly string[]): readonly Line[] =>
  lines.map((line) => ({ host, line }));
const http = `-t ${vip4}:80`;
const dns = `-u ${vip4}:53`;
const [first = '', second = ''] = endpoints('dual', 4, 80);

/** Ports of the client that are used more than once: below those that a stage gives out. */
const ports = { removed: 9001, sticks: 9002, reused: 9003, load: 9004 } as const;

/** Weights of both real servers of the web service. */
const weights = (one: number, other: number) =>
  on(
    director,
    `ipvsadm -e ${http} -r ${first} -g -w ${one}`,
    `ipvsadm -e ${http} -r ${second} -g -w ${other}`,
  );

export const quiescedTemplate: Fault = {
  kind: 'fault',
  pitfall: 22,
  name: 'quiesced-template',
  title: 'A real server with weight 0 keeps getting new connections',
  why: 'Persistent clients follow their template, whatever the weight: maintenance never begins.',
  setting: oneArmed,
  inject: [
    ...on(director, `ipvsadm -E ${http} -s rr -p 60`),
    ...weights(1, 0),
    ...on(client, `curl -sS -m 2 ${vip4} > /dev/null`),
    ...weights(0, 1),
  ],
  symptom: (stage) => endsIn(stage, 'the client still gets rs1', ['rs1', 'rs1', 'rs1']),
  finding: { code: 'quiesced-template', host: 'rs1' },
  healed: (stage) => endsIn(stage, 'the client gets rs2', ['rs2', 'rs2', 'rs2']),
  tidy: [
    ...on(director, `ipvsadm -E ${http} -s rr`, 'fairlead sysctl -w expire_quiescent_template=0 > /dev/null'),
    ...weights(1, 1),
  ],
};

/** Datagrams that the client sends from one port, and who answered them. */
async function fromOnePort(stage: Stage, port: number, count: number): Promise<readonly string[]> {
  const line = `node ${programs}/udp-ask.mjs ${vip4} 53 50 ${port} ${count} 0`;
  return linesOf((await stage.type(client, line)).stdout).map((answer) => answer.replace(' 50', ''));
}

const nameService: Pick<Fault, 'tools' | 'tidy'> & { start(stage: Stage): Promise<void> } = {
  tools: ['node'],
  async start(stage) {
    for (const server of realServers) await udpServer(stage, server, vip4, 53);
    await addService(stage, `${dns} -s rr`, endpoints('dual', 4, 53));
  },
  tidy: [
    ...on(director, `ipvsadm -D ${dns}`, 'fairlead sysctl -w expire_nodest_conn=0 > /dev/null'),
    ...on(director, 'ipvsadm --set 0 0 300'),
    ...realServers.flatMap((server) =>
      on(server, `kill $(ss -Hlunp 'sport = :53' | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p')`),
    ),
  ],
};

export const removedServer: Fault = {
  kind: 'fault',
  pitfall: 23,
  name: 'removed-server',
  title: 'A real server was removed, and clients still wait for it',
  why: 'Connections of a removed server stay, and their packets are dropped without a word.',
  setting: oneArmed,
  tools: nameService.tools ?? [],
  inject: [],
  async symptom(stage) {
    await nameService.start(stage);
    const before = await fromOnePort(stage, ports.removed, 1);
    stage.check('rs2 answers', before.join() === 'rs2', () => before.join());
    await accepted(stage, director, `ipvsadm -d ${dns} -r 192.0.2.12:53`);
    const after = await fromOnePort(stage, ports.removed, 1);
    stage.check('now nobody does', after.join() === 'nothing', () => after.join());
  },
  finding: { code: 'removed-server', host: 'rs2' },
  async healed(stage) {
    const answers = await fromOnePort(stage, ports.removed, 2);
    stage.check('the same port is answered by rs1', answers.join() === 'rs1,rs1', () => answers.join());
  },
  tidy: nameService.tidy ?? [],
};

export const udpSticks: Fault = {
  kind: 'fault',
  pitfall: 24,
  name: 'udp-sticks',
  title: 'All questions of a resolver go to one name server',
  why: 'Datagrams from one port are one connection for five minutes after the last of them.',
  setting: oneArmed,
  tools: nameService.tools ?? [],
  inject: [],
  async symptom(stage) {
    await nameService.start(stage);
    const answers = await fromOnePort(stage, ports.sticks, 12);
    stage.check('one server answers all twelve', new Set(answers).size === 1 && answers.length === 12, () =>
      answers.join(),
    );
  },
  finding: { code: 'udp-sticks', host: 'rs2' },
  async healed(stage) {
    stage.say('What sticks already takes on the new time with its next datagram, and then ends in silence.');
    await fromOnePort(stage, ports.sticks, 1);
    const line = 'ipvsadm -lcn';
    await eventually(stage, async () => !(await stage.quietly(director, line)).stdout.includes('UDP'));
    const answers = await fromOnePort(stage, ports.sticks, 4);
    stage.check('questions are answered by turns', new Set(answers).size === 2, () => answers.join());
  },
  tidy: nameService.tidy ?? [],
};

/** It reads to the end: whoever closes first keeps the port, and that must be the server. */
const curlFrom = (port: number | string) =>
  `curl -sS -m 1 --ignore-content-length --local-port ${port} ${vip4}`;

/** Pages that the client gets one after the other, all from one port. */
async function samePort(stage: Stage): Promise<readonly string[]> {
  const line = `for i in 1 2 3 4; do ${curlFrom(ports.reused)}; done`;
  return linesOf((await stage.type(client, line)).stdout);
}

export const portReuse: Fault = {
  kind: 'fault',
  pitfall: 25,
  name: 'port-reuse',
  title: 'A client that uses its ports again never meets a new real server',
  why: 'The director takes the new connection for the old one, whose end it cannot see in direct routing.',
  setting: oneArmed,
  inject: [
    ...weights(1, 0),
    ...on(client, `for p in ${ports.load} ${ports.reused}; do ${curlFrom('$p')}; done > /dev/null`),
    ...weights(1, 1),
  ],
  load: { host: client, line: `while :; do ${curlFrom(ports.load)}; sleep 0.05; done` },
  async symptom(stage) {
    const answers = await samePort(stage);
    stage.check('all go to rs1, none to rs2', answers.join() === 'rs1,rs1,rs1,rs1', () => answers.join());
  },
  finding: { code: 'port-reuse', host: director },
  async healed(stage) {
    const answers = await samePort(stage);
    stage.check('both servers get their share', new Set(answers).size === 2, () => answers.join());
  },
  tidy: on(director, 'fairlead sysctl -w conn_reuse_mode=1 > /dev/null'),
};

export const freshServer: Fault = {
  kind: 'fault',
  pitfall: 26,
  name: 'fresh-server',
  title: 'A server that comes back gets every new connection',
  why: 'By least connections it is the best choice until it has as many as the others.',
  setting: oneArmed,
  inject: [...on(director, `ipvsadm -E ${http} -s wlc`, `ipvsadm -d ${http} -r ${second}`)],
  load: {
    host: client,
    line: `for i in $(seq 12); do sleep 60 | busybox nc ${vip4} 80 > /dev/null & done; wait`,
  },
  async symptom(stage) {
    const twelve = 'ipvsadm -ln | grep -q "Route   1      12 "';
    await eventually(stage, async () => (await stage.quietly(director, twelve)).code === 0);
    await accepted(stage, director, `ipvsadm -a ${http} -r ${second} -g`);
    await endsIn(stage, 'every new connection goes to rs2', Array(6).fill('rs2'));
  },
  finding: { code: 'fresh-server', host: 'rs2' },
  healed: (stage) => servedByAll(stage),
  tidy: [...on(director, `ipvsadm -E ${http} -s rr`)],
};

export const synFlood: Fault = {
  kind: 'fault',
  pitfall: 27,
  name: 'syn-flood',
  title: 'A flood of SYNs, and real servers without SYN cookies',
  why: 'Half-open connections count as active ones, and fill the backlog of the real servers.',
  setting: oneArmed,
  tools: ['python3'],
  inject: realServers.flatMap((server) => on(server, 'echo 0 > /proc/sys/net/ipv4/tcp_syncookies')),
  load: { host: client, line: `python3 ${programs}/syn-flood.py 192.0.2.128 ${vip4} 80 200` },
  async symptom(stage) {
    const halfOpen = 'ipvsadm -lcn | grep -c SYN_RECV';
    await eventually(stage, async () => Number((await stage.quietly(director, halfOpen)).stdout) > 100);
    await stage.type(director, halfOpen);
    await allHang(stage);
  },
  finding: { code: 'syn-flood', host: client },
  async healed(stage) {
    const answers = await ask(stage, { count: 6 });
    const served = answers.every((answer) => realServers.some((server) => server === answer));
    stage.check('in the midst of it every client is served', served, () => answers.join(', '));
  },
  tidy: [
    // With what the flood has left behind; the services are made anew.
    ...on(director, 'fairlead unload'),
    ...[vip4, `[${vip6}]`].flatMap((vip, at) =>
      on(
        director,
        `ipvsadm -A -t ${vip}:80 -s rr`,
        ...endpoints('dual', at === 0 ? 4 : 6, 80).map((server) => `ipvsadm -a -t ${vip}:80 -r ${server} -g`),
      ),
    ),
  ],
};

export const fullOfFinished: Fault = {
  kind: 'fault',
  pitfall: 28,
  name: 'full-of-finished',
  title: 'Real servers are full of connections that are over',
  why: 'A threshold counts a connection for two minutes after its end.',
  setting: oneArmed,
  inject: on(director, `ipvsadm -e ${http} -r ${first} -g -x 8`, `ipvsadm -e ${http} -r ${second} -g -x 8`),
  async symptom(stage) {
    await ask(stage, { count: 16 });
    await endsIn(stage, 'every curl is refused', [refused, refused]);
  },
  finding: { code: 'full-of-finished', host: 'rs1' },
  tidy: weights(1, 1),
};
