/** Rows 14, 15, 29 and 30: two directors, and one virtual address between them. */

import type { Stage } from '../../scenario.ts';
import {
  accepted,
  client,
  director,
  eventually,
  programs,
  realServers,
  vip4,
} from '../../scenarios/common.ts';
import type { Fault, Line } from '../fault.ts';
import { standby, twoDirectors } from '../settings.ts';
import { allHang, ask, servedByAll, timedOut, refused as unreachable } from '../traffic.ts';
import { listenerOn80 } from './address.ts';

const on = (host: string, ...lines: readonly string[]): readonly Line[] =>
  lines.map((line) => ({ host, line }));

/** The virtual address goes over to the standby, which tells nobody. */
const silentFailover = [
  ...on(director, `ip addr del ${vip4}/32 dev eth0`),
  ...on(standby, `ip addr add ${vip4}/32 dev eth0`),
];
const announce = `busybox arping -U -c 1 -I eth0 ${vip4} >/dev/null`;
const failover = [...silentFailover, ...on(standby, announce)];
const failback = [
  ...on(standby, `ip addr del ${vip4}/32 dev eth0`),
  ...on(director, `ip addr add ${vip4}/32 dev eth0`, announce),
];

const table = (host: string, own: string, other: string) =>
  on(
    host,
    // With all that it remembers: connections of servers that are none any more are a fault of their own.
    `fairlead unload; ipvsadm -A -t ${vip4}:80 -s rr`,
    ...[own, other].map((address) => `ipvsadm -a -t ${vip4}:80 -r ${address}:80 -g`),
  );

export const pingPong: Fault = {
  kind: 'fault',
  pitfall: 14,
  name: 'ping-pong',
  title: "Two directors that are each other's real servers",
  why: 'The one that is given a packet schedules it again, and may send it back: round and round.',
  setting: twoDirectors,
  inject: [
    ...[director, standby].flatMap((host) =>
      on(host, `mkdir -p www && echo ${host} > www/index.html && busybox httpd -p 80 -h www`),
    ),
    ...on(standby, 'cd /proc/sys/net/ipv4/conf/all && echo 1 > arp_ignore && echo 2 > arp_announce'),
    ...on(standby, `ip addr add ${vip4}/32 dev lo`),
    ...table(director, '192.0.2.1', '192.0.2.2'),
    ...table(standby, '192.0.2.2', '192.0.2.1'),
  ],
  load: { host: client, line: `while :; do curl -sS -m 1 ${vip4}; sleep 0.2; done` },
  async symptom(stage) {
    const answers = await ask(stage, { count: 6 });
    const lost = answers.filter((answer) => answer === unreachable || answer === timedOut).length;
    stage.check('some curls get no answer', lost > 0, () => answers.join(', '));
    const [here, there] = [
      await stage.type(director, 'fairlead drops'),
      await stage.type(standby, 'fairlead drops'),
    ];
    const text = here.stdout + there.stdout;
    stage.check('packets went round until their TTL was used up', text.includes('ttl_expired'), () => text);
  },
  finding: { code: 'directors-in-a-loop', host: standby },
  healed: (stage) => servedByAll(stage, {}, [director, standby]),
  tidy: [
    ...on(standby, `ip addr flush to ${vip4}/32`),
    ...[director, standby].flatMap((host) => on(host, `kill $(${listenerOn80})`)),
    ...[director, standby].flatMap((host) => table(host, '192.0.2.11', '192.0.2.12')),
  ],
};

export const staleNeighbour: Fault = {
  kind: 'fault',
  pitfall: 15,
  name: 'no-announcement',
  title: 'The virtual address has moved to the other director, and nobody was told',
  why: 'Neighbours keep the MAC that they know: routers for hours. The client here is made as stubborn.',
  setting: twoDirectors,
  inject: [
    ...on(client, 'echo 14400000 > /proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms'),
    ...on(client, `ip neigh flush dev eth0; curl -sS -m 2 ${vip4} > /dev/null`),
    ...silentFailover,
  ],
  symptom: (stage) => allHang(stage),
  asked: standby,
  finding: { code: 'stale-neighbour', host: client },
  tidy: failback,
};

export const twoMasters: Fault = {
  kind: 'fault',
  pitfall: 29,
  name: 'two-masters',
  title: 'Both directors hold the virtual address',
  why: 'As when the messages between them are filtered: each takes the other for dead.',
  setting: twoDirectors,
  inject: on(standby, `ip addr add ${vip4}/32 dev eth0`),
  async symptom(stage) {
    const { stdout } = await stage.type(client, `busybox arping -b -c 1 -w 1 -I eth0 ${vip4}`);
    stage.check('one question, two answers', /Received 2 /.test(stdout), () => stdout);
  },
  finding: { code: 'address-answered-by-other', host: standby },
};

const log = 'download.log';
const downloads = 4;
/** More than may be in flight, in the buffers of all downloads: so much arrives only on connections that live. */
const further = 400_000;

/** Slow downloads; while they are under way, these lines are typed. Answers how many of them live on. */
async function livingThrough(stage: Stage, lines: readonly Line[]): Promise<number> {
  const program = `python3 ${programs}/slow-download.py ${vip4} 80 /large ${downloads}`;
  const running = await stage.beside(client, program, log);
  const seen = async () => {
    const { stdout } = await stage.quietly(client, `tail -n 1 ${log}`);
    const [open = 0, octets = 0] = stdout.split(' ').map(Number);
    return { open, octets };
  };
  await eventually(stage, async () => (await seen()).octets > 0);
  for (const { host, line } of lines) await accepted(stage, host, line);
  const before = await seen();
  await eventually(stage, async () => {
    const now = await seen();
    return now.open === 0 || now.octets > before.octets + further;
  });
  const { stdout } = await stage.type(client, `tail -n 1 ${log}`);
  await running.stop();
  return Number(stdout.split(' ')[0]);
}

export const noState: Fault = {
  kind: 'fault',
  pitfall: 30,
  name: 'no-state',
  title: 'The other director knows nothing of the connections it takes over',
  why: 'It has no entry for them, passes their packets up its own stack, and that resets them.',
  setting: twoDirectors,
  tools: ['python3'],
  inject: realServers.flatMap((server) => on(server, 'head -c 20000000 /dev/zero > www/large')),
  async symptom(stage) {
    const alive = await livingThrough(stage, failover);
    stage.check('the downloads that were under way are reset', alive === 0, () => `${alive} live on`);
  },
  asked: standby,
  finding: { code: 'no-connection-state', host: standby },
  async healed(stage) {
    stage.say('The same on the other director, as the note has it; then the address goes back there.');
    await accepted(stage, director, `ipvsadm -E -t ${vip4}:80 -s mh`);
    await accepted(stage, director, 'fairlead sysctl -w sloppy_tcp=1 > /dev/null');
    const alive = await livingThrough(stage, failback);
    stage.check('downloads live through the next failover', alive === downloads, () => `${alive} live on`);
  },
};
