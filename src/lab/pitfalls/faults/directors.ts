/** Rows 14, 15, 29 and 30: two directors, and one virtual address between them. */

import type { Stage } from '../../scenario.ts';
import { accepted, client, director, eventually, realServers, vip4 } from '../../scenarios/common.ts';
import type { Fault, Line } from '../fault.ts';
import { standby, twoDirectors } from '../settings.ts';
import { allHang, ask, servedByAll, timedOut } from '../traffic.ts';
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
    `ipvsadm -D -t ${vip4}:80; ipvsadm -A -t ${vip4}:80 -s rr`,
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
  async symptom(stage) {
    const answers = await ask(stage, { count: 6 });
    stage.check('some curls hang', answers.includes(timedOut), () => answers.join(', '));
    const { stdout } = await stage.type(director, 'fairlead drops');
    stage.check(
      'packets went round until their TTL was used up',
      stdout.includes('ttl_expired'),
      () => stdout,
    );
  },
  finding: { code: 'directors-in-a-loop', host: standby },
  healed: (stage) => servedByAll(stage, {}, [director, standby]),
  tidy: [
    ...on(standby, `ip addr flush to ${vip4}/32; ipvsadm -C`),
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
  symptom: allHang,
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

/** A slow download; under way, these lines are typed. Answers how curl ended. */
async function downloadThrough(stage: Stage, lines: readonly Line[]): Promise<string> {
  const curl = `curl -sS -m 10 --limit-rate 200k -o /dev/null http://${vip4}/large 2> /dev/null; echo "curl: $?"`;
  const running = await stage.beside(client, curl, log);
  const established = async () => {
    const tables = await Promise.all([director, standby].map((host) => stage.quietly(host, 'ipvsadm -lcn')));
    return tables.some(({ stdout }) => stdout.includes('ESTABLISHED'));
  };
  await eventually(stage, established);
  for (const { host, line } of lines) await accepted(stage, host, line);
  await eventually(stage, async () => (await stage.quietly(client, `cat ${log}`)).stdout !== '');
  await running.stop();
  return (await stage.type(client, `cat ${log}`)).stdout.trim();
}

export const noState: Fault = {
  kind: 'fault',
  pitfall: 30,
  name: 'no-state',
  title: 'The other director knows nothing of the connections it takes over',
  why: 'It has no entry for them, passes their packets up its own stack, and that resets them.',
  setting: twoDirectors,
  inject: [
    ...on(client, 'echo "4096 65536 65536" > /proc/sys/net/ipv4/tcp_rmem'),
    ...realServers.flatMap((server) => on(server, 'head -c 500000 /dev/zero > www/large')),
  ],
  async symptom(stage) {
    const end = await downloadThrough(stage, failover);
    stage.check('the download that was under way is reset', end === 'curl: 56', () => end);
  },
  asked: standby,
  finding: { code: 'no-connection-state', host: standby },
  async healed(stage) {
    stage.say('The same on the other director, as the note has it; then the address goes back there.');
    await accepted(stage, director, `ipvsadm -E -t ${vip4}:80 -s mh`);
    await accepted(stage, director, 'fairlead sysctl -w sloppy_tcp=1 > /dev/null');
    const end = await downloadThrough(stage, failback);
    stage.check('the next download lives through a failover', end === 'curl: 0', () => end);
  },
};
