/** Rows 8 to 10 and 16 to 18: what lies between the director, the real servers and the clients. */

import { client, director, endpoints, realServers, vip4, vip6 } from '../../scenarios/common.ts';
import type { Fault, Line } from '../fault.ts';
import { severalInterfaces, twoArmed } from '../settings.ts';
import { allHang, endsIn, hangsAt } from '../traffic.ts';

const on = (host: string, ...lines: readonly string[]): readonly Line[] =>
  lines.map((line) => ({ host, line }));

/** What becomes of rs2: a fault that the doctor is asked about on one real server leaves it out. */
const weight = (value: number) => `ipvsadm -e -t ${vip4}:80 -r 198.51.100.12:80 -g -w ${value}`;

export const behindRouter: Fault = {
  kind: 'fault',
  pitfall: 8,
  name: 'behind-router',
  title: 'There is a router between the director and its real servers',
  why: 'Only the MAC is rewritten: the router gets a packet for the virtual address, and sends it back.',
  setting: twoArmed,
  inject: on(
    director,
    'ip route add 198.51.100.8/29 via 192.0.2.254',
    'ip -6 route add 2001:db8:2::10/124 via 2001:db8:1::254',
  ),
  symptom: (stage) => allHang(stage),
  finding: { code: 'real-server-behind-gateway', host: 'rs1' },
  tidy: [
    ...on(director, 'ip route del 198.51.100.8/29', 'ip -6 route del 2001:db8:2::10/124'),
    ...[vip4, `[${vip6}]`].flatMap((vip, at) =>
      endpoints('routed', at === 0 ? 4 : 6, 80).flatMap((server) =>
        on(director, `ipvsadm -e -t ${vip}:80 -r ${server} -g`),
      ),
    ),
    ...realServers.flatMap((server) => on(server, 'fairlead realserver decapsulate stop')),
  ],
};

export const answersThroughDirector: Fault = {
  kind: 'fault',
  pitfall: 9,
  name: 'answers-through-director',
  title: 'The director is the gateway of a real server',
  why: 'It drops packets that claim to come from the virtual address, since that is its own.',
  setting: twoArmed,
  inject: on('rs2', 'ip route replace default via 198.51.100.1'),
  symptom: hangsAt('rs2'),
  finding: { code: 'answers-through-director', host: 'rs2' },
  tidy: on('rs2', 'ip route replace default via 198.51.100.254'),
};

export const strictReversePath: Fault = {
  kind: 'fault',
  pitfall: 10,
  name: 'strict-reverse-path',
  title: 'A real server filters by the reverse path',
  why: 'Requests come in by one interface and answers leave by another: strict filtering takes that for forgery.',
  setting: severalInterfaces,
  inject: on('rs1', 'for i in all eth0; do echo 1 > /proc/sys/net/ipv4/conf/$i/rp_filter; done'),
  symptom: hangsAt('rs1'),
  asked: 'rs1',
  finding: { code: 'reverse-path-filter', host: 'rs1' },
  tidy: on('rs1', 'for i in all eth0; do echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; done'),
};

export const forgedTransmits: Fault = {
  kind: 'fault',
  pitfall: 16,
  name: 'port-security',
  title: 'The switch lets a real server send from its own address only',
  why: 'As port security, VMware (forged transmits) and clouds do. The answer comes from the virtual address.',
  setting: twoArmed,
  tools: ['ebtables'],
  inject: on('back', 'ebtables -A FORWARD -i rs2-eth0 -p IPv4 ! --ip-source 198.51.100.12 -j DROP'),
  symptom: hangsAt('rs2'),
  finding: { code: 'answers-lost', host: 'rs2' },
  advice: on('back', 'ebtables -F'),
};

export const statefulRouter: Fault = {
  kind: 'fault',
  pitfall: 17,
  name: 'stateful-router',
  title: 'A stateful firewall on the way of the answers',
  why: 'It has not seen the request, which went past it, and drops the answer as invalid.',
  setting: twoArmed,
  tools: ['iptables'],
  inject: on('router', 'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP'),
  // A real server sends an answer again after a second: that is what shows there.
  symptom: (stage) => allHang(stage, 2),
  asked: 'rs1',
  finding: { code: 'answers-lost', host: 'router' },
  tidy: on('router', 'iptables -F'),
};

export const pathMtu: Fault = {
  kind: 'fault',
  pitfall: 18,
  name: 'path-mtu',
  title: 'Small pages come, large ones hang',
  why: 'The way to the client is narrower than the interface, and the message that would say so is filtered.',
  setting: twoArmed,
  tools: ['iptables'],
  inject: [
    ...on('router', 'ip link set dev eth0 mtu 1400'),
    ...on('router', 'iptables -A OUTPUT -p icmp --icmp-type fragmentation-needed -j DROP'),
    ...on('rs1', "head -c 200000 /dev/zero | tr '\\0' x > www/large"),
    ...on(director, weight(0)),
  ],
  load: { host: client, line: `curl -sS -m 60 -o /dev/null http://${vip4}/large` },
  async symptom(stage) {
    await endsIn(stage, 'a small page comes', ['rs1', 'rs1']);
    const { stdout } = await stage.type(
      client,
      `curl -sS -m 2 -o /dev/null -w '%{size_download}\\n' http://${vip4}/large`,
    );
    stage.check('a large page stops at its beginning', Number(stdout) < 20_000, () => stdout);
  },
  asked: 'rs1',
  finding: { code: 'path-mtu', host: 'rs1' },
  async healed(stage) {
    const { stdout } = await stage.type(
      client,
      `curl -sS -m 12 -o /dev/null -w '%{size_download}\\n' http://${vip4}/large`,
    );
    stage.check('the large page arrives whole', stdout === '200000\n', () => stdout);
  },
  tidy: [
    ...on('router', 'ip link set dev eth0 mtu 1500', 'iptables -F'),
    ...on('rs1', 'echo 0 > /proc/sys/net/ipv4/tcp_mtu_probing', 'ip route flush cache'),
    ...on(director, weight(1)),
  ],
};
