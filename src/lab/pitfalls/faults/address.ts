/** Rows 5 to 7 and 31: a virtual address that is missing, too wide, unused or a duplicate. */

import { accepted, director, vip4, vip6 } from '../../scenarios/common.ts';
import type { Fault, Line } from '../fault.ts';
import { oneArmed } from '../settings.ts';
import { endsIn, hangsAt, refused, timedOut } from '../traffic.ts';

const rs1 = (line: string): Line => ({ host: 'rs1', line });
const rip = '192.0.2.11';

/** Prints the process that listens on TCP port 80 of a host. */
export const listenerOn80 = `ss -Hltnp 'sport = :80' | sed -n 's/.*pid=\\([0-9]*\\).*/\\1/p' | sort -u`;

/** Ends what listens on port 80 here, and starts web servers on these addresses instead. */
export function serverMovesTo(...addresses: readonly string[]): string {
  const gone = `while ss -Hltn 'sport = :80' | grep -q .; do sleep 0.05; done`;
  const servers = addresses.map((address) => `busybox httpd -p ${address}:80 -h www`);
  return [`kill $(${listenerOn80})`, gone, ...servers].join('; ');
}

export const shortPrefix: Fault = {
  kind: 'fault',
  pitfall: 5,
  name: 'short-prefix',
  title: 'A real server holds the virtual address with the prefix length of its network',
  why: 'On lo every address of such a network is local: the real server takes its clients for itself.',
  setting: oneArmed,
  inject: [rs1(`ip addr del ${vip4}/32 dev lo && ip addr add ${vip4}/24 dev lo`)],
  symptom: hangsAt('rs1'),
  finding: { code: 'vip-prefix-too-short', host: 'rs1' },
  tidy: [rs1(`ip addr flush to ${vip4}; ip addr add ${vip4}/32 dev lo`)],
};

export const vipMissing: Fault = {
  kind: 'fault',
  pitfall: 6,
  name: 'vip-missing',
  title: 'A real server does not hold the virtual address',
  why: 'The packet keeps its addresses, so this host drops it as one for somebody else.',
  setting: oneArmed,
  inject: [rs1(`ip addr del ${vip4}/32 dev lo`)],
  symptom: hangsAt('rs1'),
  finding: { code: 'vip-missing', host: 'rs1' },
};

export const ripOnly: Fault = {
  kind: 'fault',
  pitfall: 6,
  name: 'rip-only',
  title: "The service listens on the real server's own address only",
  why: 'Clients address the virtual one. Who checks the real server by its own address sees nothing wrong.',
  setting: oneArmed,
  inject: [rs1(serverMovesTo(rip, `[${vip6}]`))],
  async symptom(stage) {
    const answer = await stage.type(director, `curl -sS -m 1 ${rip}`);
    stage.check('a check of its own address is content', answer.stdout === 'rs1\n', () => answer.stderr);
    await endsIn(stage, 'every second curl is refused', ['rs2', 'rs2', refused, refused]);
  },
  finding: { code: 'service-refused', host: 'rs1' },
  tidy: [rs1(`iptables -t nat -F; ${serverMovesTo('[::]')}`)],
};

export const vipFiltered: Fault = {
  kind: 'fault',
  pitfall: 7,
  name: 'vip-filtered',
  title: 'A check of the real server is green, and its clients wait',
  why: 'Its firewall lets its own address pass, which the check asks, and not the virtual one.',
  setting: oneArmed,
  tools: ['iptables'],
  inject: [rs1(`iptables -A INPUT -d ${vip4} -p tcp --dport 80 -j DROP`)],
  async symptom(stage) {
    const answer = await stage.type(director, `curl -sS -m 1 ${rip}`);
    stage.check('a check of its own address is content', answer.stdout === 'rs1\n', () => answer.stderr);
    await hangsAt('rs1')(stage);
  },
  finding: { code: 'service-filtered', host: 'rs1' },
  tidy: [rs1('iptables -F')],
};

const dadFailed = `for i in $(seq 40); do ip -6 addr show dev eth0 dadfailed | grep -q . && break; sleep 0.05; done`;

export const duplicateAddress: Fault = {
  kind: 'fault',
  pitfall: 31,
  name: 'duplicate-address',
  title: "The director's virtual IPv6 address counts as a duplicate",
  why: 'A real server held it on its wire for a moment, and answered when the director asked whether it was free.',
  setting: oneArmed,
  inject: [
    rs1(`ip -6 addr add ${vip6}/128 dev eth0 nodad`),
    { host: director, line: 'echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad' },
    { host: director, line: `ip -6 addr del ${vip6}/128 dev eth0 && ip -6 addr add ${vip6}/128 dev eth0` },
    { host: director, line: dadFailed },
    rs1(`ip -6 addr del ${vip6}/128 dev eth0`),
    { host: 'client', line: 'ip -6 neigh flush dev eth0' },
  ],
  symptom: (stage) =>
    endsIn(stage, 'nobody answers neighbour discovery: every curl hangs', [timedOut, timedOut], {
      url: `http://[${vip6}]/`,
    }),
  finding: { code: 'vip-duplicate', host: director },
  async healed(stage) {
    stage.say('The client forgets the questions that it still waits for.');
    await accepted(stage, 'client', 'ip -6 neigh flush dev eth0');
    await oneArmed.works(stage);
  },
  tidy: [{ host: director, line: 'echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad' }],
};
