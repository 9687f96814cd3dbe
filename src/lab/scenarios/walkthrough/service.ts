/** Rows 1 to 4: web servers, the virtual service, and a virtual address that only the director holds. */

import type { Step } from '../../scenario.ts';
import { doctorNames } from './doctor.ts';
import { foreignPackets, traffic, trafficText } from './glance.ts';
import { client, director, ipOf, linesOf, realServers, table, vip } from './setting.ts';

export const webServers: Step = {
  row: '1',
  title: 'A web server on each real server, serving its own name',
  why: 'Two servers that answer differently, so that every answer tells which of them gave it.',
  async play(stage) {
    for (const server of realServers) {
      await stage.type(server, `mkdir www && echo ${server} > www/index.html`);
      await stage.serve(server, 'busybox httpd -f -p 80 -h www', 80);
      const { stdout, stderr } = await stage.type(server, 'curl -sS localhost');
      stage.check(
        `curl localhost on ${server} prints ${server}`,
        stdout === `${server}\n`,
        () => stdout + stderr,
      );
    }
    for (const server of realServers) {
      const { stdout, stderr } = await stage.type(client, `curl -sS -m 2 ${ipOf(server)}`);
      stage.check(
        `the client reaches ${server} by its own address`,
        stdout === `${server}\n`,
        () => stdout + stderr,
      );
    }
  },
};

export const virtualService: Step = {
  row: '2',
  title: 'A virtual service with two real servers, on the director',
  why: 'Nothing was started beforehand: the data plane loads by itself at the first command, as the kernel module does.',
  async play(stage) {
    const commands = [
      `ipvsadm -A -t ${vip}:80 -s rr`,
      ...realServers.map((server) => `ipvsadm -a -t ${vip}:80 -r ${ipOf(server)}:80 -g`),
    ];
    for (const command of commands) {
      const { code, stdout, stderr } = await stage.type(director, command);
      const silent = code === 0 && stdout + stderr === '';
      stage.check('accepted, without a word', silent, () => `exit code ${code}: ${stdout}${stderr}`);
    }
    const { stdout, stderr } = await stage.type(director, 'ipvsadm -ln');
    stage.check('ipvsadm -ln prints the table of real IPVS, byte for byte', stdout === table, () =>
      differences(stdout + stderr),
    );
  },
};

export const nobodyAnswers: Step = {
  row: '3',
  title: 'The virtual address is on no host yet',
  why: 'A virtual service alone attracts no packet: the client asks by ARP who has the address.',
  async play(stage) {
    const addresses = (await stage.type(director, 'ip -4 addr')).stdout;
    stage.check('ip addr on the director does not show it', !addresses.includes(vip), () => addresses);
    const curl = await stage.type(client, `curl -sS -m 5 ${vip}`);
    stage.check('curl on the client fails', curl.code !== 0, () => curl.stdout);
    const entry = (await stage.type(client, `ip neigh show ${vip} dev eth0`)).stdout;
    stage.check(
      'because nobody answers ARP',
      /FAILED|INCOMPLETE/.test(entry),
      () => entry || 'no entry at all',
    );
  },
};

export const directorAlone: Step = {
  row: '4',
  title: 'The virtual address on the director only',
  why: 'The packets arrive, the director passes them on, and the real servers drop what is not addressed to them.',
  async play(stage) {
    const before = new Map<string, number>();
    for (const server of realServers) before.set(server, await foreignPackets(stage, server, 'unseen'));

    await stage.type(director, `ip addr add ${vip}/24 dev eth0`);
    // Two, one for each real server: the turn is then again at the one it began with.
    for (const _ of realServers) {
      const { code, stdout, stderr } = await stage.type(client, `curl -sS -m 2 ${vip}`);
      stage.check(
        'the curl hangs (exit code 28, time-out)',
        code === 28,
        () => `${code}: ${stdout}${stderr}`,
      );
    }
    const counted = await traffic(stage, 'shown');
    const both = [...counted.values()].every(({ connections }) => connections === 1);
    stage.check('the director counts one connection on each real server', both, () => trafficText(counted));

    for (const server of realServers) {
      const addresses = (await stage.type(server, 'ip -br -4 addr show dev eth0')).stdout;
      const dropped = (await foreignPackets(stage, server, 'shown')) - (before.get(server) ?? 0);
      const fact = `${server} does not hold ${vip}, and dropped what came for it`;
      stage.check(
        fact,
        !addresses.includes(vip) && dropped > 0,
        () => `${dropped} packets dropped; ${addresses}`,
      );
      stage.say(
        `${server}: ${dropped} packets arrived that are for none of its addresses; ${vip} is missing there`,
      );
    }
    await doctorNames(stage, 'vip-missing', realServers);
  },
};

function differences(seen: string): string {
  const wanted = linesOf(table);
  const lines = linesOf(seen);
  const at = wanted.findIndex((line, index) => line !== lines[index]);
  if (at < 0)
    return `${lines.length - wanted.length} lines too many, or another line end: ${JSON.stringify(seen)}`;
  return `line ${at + 1} is ${JSON.stringify(lines[at] ?? '')}\nand not ${JSON.stringify(wanted[at])}`;
}
