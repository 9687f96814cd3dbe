/** Rows 17, 19, 21, 32 and 33 on a director that takes packets before its own stack does: most of it cannot hurt. */

import type { Stage } from '../../scenario.ts';
import { client, director, eventually, realServers, vip4 } from '../../scenarios/common.ts';
import { counterIn } from '../../scenarios/walkthrough/setting.ts';
import type { Fault, Harmless, Line } from '../fault.ts';
import { oneArmed } from '../settings.ts';
import { ask, servedByAll, timedOut } from '../traffic.ts';

const on = (host: string, ...lines: readonly string[]): readonly Line[] =>
  lines.map((line) => ({ host, line }));

export const firewallOnDirector: Harmless = {
  kind: 'harmless',
  pitfall: 33,
  name: 'director-firewall',
  title: "The director's own firewall drops what is for the virtual address",
  why: 'IPVS works behind INPUT, and needs a rule that lets the service pass. Here packets never get there.',
  setting: oneArmed,
  tools: ['iptables'],
  inject: on(director, `iptables -A INPUT -d ${vip4} -j DROP`, 'iptables -P FORWARD DROP'),
  proof: (stage) => servedByAll(stage),
  tidy: on(director, 'iptables -F', 'iptables -P FORWARD ACCEPT'),
};

export const conntrackOnDirector: Harmless = {
  kind: 'harmless',
  pitfall: 17,
  name: 'director-conntrack',
  title: 'The director drops packets of connections whose answers it has not seen',
  why: 'In direct routing it never sees one. Fairlead takes packets before connection tracking does.',
  setting: oneArmed,
  tools: ['iptables'],
  inject: on(
    director,
    ...['INPUT', 'FORWARD'].map((chain) => `iptables -A ${chain} -m conntrack --ctstate INVALID -j DROP`),
  ),
  async proof(stage) {
    await servedByAll(stage);
    const { stdout } = await stage.type(director, 'iptables -nvxL INPUT');
    stage.check('no packet has met the rule', /^\s+0\s+0 DROP/m.test(stdout), () => stdout);
  },
  tidy: on(director, 'iptables -F'),
};

const uploadBytes = 2_000_000;

export const mergedPackets: Harmless = {
  kind: 'harmless',
  pitfall: 19,
  name: 'merged-packets',
  title: 'Packets longer than the MTU reach the director',
  why: 'Merged by an offload (here the sender leaves the cutting to its card). They are passed on as they are.',
  setting: oneArmed,
  inject: realServers.flatMap((server) =>
    on(
      server,
      `mkdir -p www/cgi-bin && printf '#!/bin/sh\\necho\\nhead -c $CONTENT_LENGTH | wc -c\\n' > www/cgi-bin/count`,
      'chmod +x www/cgi-bin/count',
    ),
  ),
  async proof(stage) {
    const before = await received(stage);
    const upload = `head -c ${uploadBytes} /dev/zero | curl -sS -m 8 --data-binary @- http://${vip4}/cgi-bin/count`;
    const { stdout, stderr } = await stage.type(client, upload);
    stage.check('all of it arrives', stdout === `${uploadBytes}\n`, () => stdout + stderr);
    const after = await received(stage);
    const mean = Math.round((after.bytes - before.bytes) / (after.packets - before.packets));
    stage.check(
      `the director got frames longer than its MTU: ${mean} octets on average`,
      mean > 1514,
      () => '',
    );
    const { stdout: drops } = await stage.type(director, 'fairlead drops');
    stage.check('and refused none of them', !drops.includes('too_big'), () => drops);
  },
};

async function received(stage: Stage): Promise<{ bytes: number; packets: number }> {
  const path = '/sys/class/net/eth0/statistics';
  const { stdout } = await stage.quietly(director, `cat ${path}/rx_bytes ${path}/rx_packets`);
  const [bytes = 0, packets = 0] = stdout.split('\n').map(Number);
  return { bytes, packets };
}

export const noRedirects: Harmless = {
  kind: 'harmless',
  pitfall: 21,
  name: 'no-redirects',
  title: 'A director that forwards, and may send redirects',
  why: 'A kernel tells a client on the same segment of the shorter way, past the director. It is not asked here.',
  setting: oneArmed,
  tools: ['nstat'],
  inject: on(
    director,
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'for i in all eth0; do echo 1 > /proc/sys/net/ipv4/conf/$i/send_redirects; done',
  ),
  async proof(stage) {
    await servedByAll(stage);
    for (const host of [client, ...realServers]) {
      const { stdout } = await stage.type(host, 'nstat -asz IcmpInRedirects');
      stage.check(`${host} got none`, counterIn(stdout, 'IcmpInRedirects') === 0, () => stdout);
    }
  },
  tidy: on(director, 'echo 0 > /proc/sys/net/ipv4/ip_forward'),
};

export const hooksTornOff: Harmless = {
  kind: 'harmless',
  pitfall: 32,
  name: 'hooks-torn-off',
  title: 'Somebody takes the programs off the interface',
  why: 'Another agent that believes the qdisc is its own. The daemon sees it and attaches them again.',
  setting: oneArmed,
  inject: on(director, 'tc qdisc del dev eth0 clsact'),
  async proof(stage) {
    const back = 'tc filter show dev eth0 ingress | grep -c fl_director';
    await eventually(stage, async () => (await stage.quietly(director, back)).stdout.trim() === '1');
    await stage.type(director, 'tc filter show dev eth0 ingress');
    await servedByAll(stage);
  },
};

export const portOfBridge: Harmless = {
  kind: 'harmless',
  pitfall: 32,
  name: 'port-of-bridge',
  title: 'The interface becomes a port of a bridge',
  why: 'Then the bridge gets the packets, and a program on the port would be on the wrong device. It moves along.',
  setting: oneArmed,
  inject: on(
    director,
    'ip link add br0 type bridge && ip addr flush dev eth0 scope global',
    'ip link set dev eth0 master br0 && ip link set dev br0 address 02:00:c0:00:02:01 up',
    `ip addr add 192.0.2.1/24 dev br0 && ip addr add ${vip4}/32 dev br0`,
    'ip -6 addr add 2001:db8:1::1/64 dev br0 nodad && ip -6 addr add 2001:db8:1::100/128 dev br0 nodad preferred_lft 0',
    'until fairlead status | grep -q "br0 *tc"; do sleep 0.05; done',
  ),
  async proof(stage) {
    await stage.type(director, 'fairlead status');
    await servedByAll(stage);
  },
  tidy: on(
    director,
    'ip link del br0',
    `ip addr add 192.0.2.1/24 dev eth0 && ip addr add ${vip4}/32 dev eth0`,
    'ip -6 addr add 2001:db8:1::1/64 dev eth0 nodad && ip -6 addr add 2001:db8:1::100/128 dev eth0 nodad preferred_lft 0',
    'until fairlead status | grep -q "eth0 *tc"; do sleep 0.05; done',
  ),
};

export const forcedXdp: Fault = {
  kind: 'fault',
  pitfall: 32,
  name: 'forced-xdp',
  title: 'XDP is forced on an interface that cannot send from it',
  why: 'A virtual interface takes frames from XDP only if the other end has such a program, too.',
  setting: oneArmed,
  inject: on(director, 'fairlead interface eth0 xdp'),
  async symptom(stage) {
    const answers = await ask(stage, { count: 6 });
    stage.check('curls hang', answers.includes(timedOut), () => answers.join(', '));
  },
  finding: { code: 'hook-forced', host: director },
};
