/** Rows 1 to 4: who answers for the virtual address, and who asks in its name. */

import { macOf } from '../../plan.ts';
import type { Stage } from '../../scenario.ts';
import { client, director, eventually, vip4 } from '../../scenarios/common.ts';
import type { Fault } from '../fault.ts';
import { oneArmed } from '../settings.ts';
import { allHang, passesDirector } from '../traffic.ts';

const conf = '/proc/sys/net/ipv4/conf/all';
/** Plugged in last: the bridge asks it first, so that it wins most often. */
const winner = 'rs2';
const winnersAddress = '192.0.2.12';

/** The client forgets the virtual address and learns it anew, until it has this host's MAC. */
async function learns(stage: Stage, address: string): Promise<void> {
  const again = `ip neigh del ${vip4} dev eth0; curl -sS -m 1 ${vip4} >/dev/null; ip neigh show ${vip4}`;
  stage.say(`the client forgets ${vip4} and asks again, until ${winner} is the first to answer`);
  const learnt = await eventually(stage, async () =>
    (await stage.quietly(client, again)).stdout.includes(macOf(address)),
  );
  const { stdout } = await stage.type(client, `ip neigh show ${vip4}`);
  stage.check(`the client has the MAC of ${winner}`, learnt, () => stdout);
}

async function everyoneIsServedBy(stage: Stage): Promise<void> {
  await learns(stage, winnersAddress);
  await passesDirector(winner)(stage);
}

const backOnLo = [
  { host: winner, line: `arptables -F; ip addr flush to ${vip4}/32; ip addr add ${vip4}/32 dev lo` },
  { host: winner, line: `cd ${conf} && echo 1 > arp_ignore && echo 2 > arp_announce` },
  { host: client, line: `ip neigh flush dev eth0` },
];

export const arpAnswer: Fault = {
  kind: 'fault',
  pitfall: 1,
  name: 'arp-answer',
  title: 'A real server answers ARP for the virtual address',
  why: "With the kernel's defaults a host answers for every address it holds, on any interface.",
  setting: oneArmed,
  inject: [
    { host: winner, line: `ip addr del ${vip4}/32 dev lo && ip addr add ${vip4}/32 dev eth0` },
    { host: winner, line: `cd ${conf} && echo 0 > arp_ignore && echo 0 > arp_announce` },
  ],
  symptom: everyoneIsServedBy,
  finding: { code: 'address-answered-by-real-server', host: winner },
  tidy: backOnLo,
};

export const arpAnnounce: Fault = {
  kind: 'fault',
  pitfall: 2,
  name: 'arp-announce',
  title: 'A real server asks in the name of the virtual address',
  why: 'A question teaches who hears it: the client puts the MAC of the asker into the entry that it has.',
  setting: oneArmed,
  inject: [
    { host: winner, line: `echo 0 > ${conf}/arp_announce` },
    { host: winner, line: 'ip neigh flush dev eth0' },
  ],
  async symptom(stage) {
    await stage.type(client, `for i in 1 2; do curl -sS -m 1 ${vip4}; done`);
    await passesDirector(winner)(stage);
  },
  finding: { code: 'address-claimed-by-real-server', host: winner },
  tidy: backOnLo,
};

export const asksAsVip: Fault = {
  kind: 'fault',
  pitfall: 3,
  name: 'asks-as-vip',
  title: 'The director asks for real servers in the name of the virtual address',
  why: 'A real server holds that address itself, takes the question for a forgery, and does not answer.',
  setting: oneArmed,
  inject: [
    { host: director, line: `ip addr flush dev eth0 scope global && ip addr add ${vip4}/24 dev eth0` },
    { host: director, line: 'ip addr add 192.0.2.1/24 dev eth0' },
    { host: director, line: 'ip -6 addr add 2001:db8:1::1/64 dev eth0 nodad' },
    { host: director, line: 'ip -6 addr add 2001:db8:1::100/128 dev eth0 nodad preferred_lft 0' },
    // Who is asked by a real server learns its address, too: nobody asks for the director now.
    ...['rs1', 'rs2', director].map((host) => ({ host, line: 'ip neigh flush dev eth0' })),
  ],
  symptom: (stage) => allHang(stage),
  finding: { code: 'director-asks-as-vip', host: director },
  tidy: [
    { host: director, line: `ip addr flush dev eth0 scope global && ip addr add 192.0.2.1/24 dev eth0` },
    { host: director, line: `ip addr add ${vip4}/32 dev eth0` },
    { host: director, line: 'ip -6 addr add 2001:db8:1::1/64 dev eth0 nodad' },
    { host: director, line: 'ip -6 addr add 2001:db8:1::100/128 dev eth0 nodad preferred_lft 0' },
  ],
};

export const arpRulesLost: Fault = {
  kind: 'fault',
  pitfall: 4,
  name: 'arp-rules-lost',
  title: 'The arptables rules are gone after a reboot',
  why: 'They live in the kernel only. Here they are set, and then lost as a reboot loses them.',
  setting: oneArmed,
  tools: ['arptables'],
  inject: [
    { host: winner, line: `arptables -A INPUT -d ${vip4} -j DROP` },
    { host: winner, line: `arptables -A OUTPUT -s ${vip4} -j mangle --mangle-ip-s ${winnersAddress}` },
    { host: winner, line: `cd ${conf} && echo 0 > arp_ignore && echo 0 > arp_announce` },
    { host: winner, line: `ip addr del ${vip4}/32 dev lo && ip addr add ${vip4}/32 dev eth0` },
    { host: winner, line: 'arptables -F' },
  ],
  symptom: everyoneIsServedBy,
  finding: { code: 'address-answered-by-real-server', host: winner },
  tidy: backOnLo,
};
