/** Tunnels: ipip, GUE and GRE, each family in each, to real servers that have no tunnel devices. */

import type { Scenario, Stage, Step } from '../scenario.ts';
import { routed } from '../topologies.ts';
import {
  accepted,
  addService,
  ask,
  byTurns,
  client,
  curls,
  director,
  directorHoldsVips,
  endpoints,
  realServers,
  serversWithVips,
  udpServer,
  vip4,
  vip6,
} from './common.ts';

const tunnels = [
  ['ipip', 'ipip'],
  ['gue', 'gue --tun-port 6080 --tun-nocsum'],
  ['gue with checksum', 'gue --tun-port 6080 --tun-csum'],
  ['gre', 'gre --tun-nocsum'],
  ['gre with checksum', 'gre --tun-csum'],
] as const;

const uploadBytes = 200_000;

const families = [
  { name: 'IPv4 in IPv4', virtual: vip4, outer: 4 },
  { name: 'IPv6 in IPv6', virtual: `[${vip6}]`, outer: 6 },
  { name: 'IPv4 in IPv6', virtual: vip4, outer: 6 },
  { name: 'IPv6 in IPv4', virtual: `[${vip6}]`, outer: 4 },
] as const;

const decapsulators: Step = {
  row: '3',
  title: 'Real servers take packets out of their tunnels',
  why: 'A kernel does that with tunnel devices. Fairlead has a program of its own for it, which needs none.',
  async play(stage) {
    for (const server of realServers)
      await accepted(stage, server, `fairlead realserver decapsulate start ${vip4} ${vip6}`);
    const { stdout } = await stage.type('rs1', 'fairlead realserver decapsulate status');
    stage.check('it runs for both addresses', stdout.includes(`${vip4} ${vip6}\n`), () => stdout);
  },
};

const upload: Step = {
  row: '4',
  title: 'A program on the real servers that counts what it is sent',
  why: "A segment of full size no longer fits with a tunnel's headers around it: uploads show whether that is seen to.",
  async play(stage) {
    const script = '#!/bin/sh\\necho\\nhead -c $CONTENT_LENGTH | wc -c\\n';
    for (const server of realServers) {
      await accepted(stage, server, `mkdir www/cgi-bin && printf '${script}' > www/cgi-bin/count`);
      await accepted(stage, server, 'chmod +x www/cgi-bin/count');
    }
    await accepted(stage, client, `head -c ${uploadBytes} /dev/zero > upload`);
  },
};

const everyKind: Step = {
  row: '5',
  title: 'Every kind of tunnel, each family in each',
  why: 'The real server may be of another family than the service: only a tunnel can do that.',
  async play(stage) {
    let firstPort = 10_001;
    for (const { name, virtual, outer } of families) {
      await restored(stage, `-A -t ${virtual}:80 -s rr`, ...serverLines('-a', virtual, outer, 'ipip'));
      for (const [kind, words] of tunnels) {
        await restored(stage, ...serverLines('-e', virtual, outer, words));
        byTurns(stage, `${kind}, ${name}`, await curls(stage, `http://${virtual}/`, firstPort, 2));
        if (kind === 'ipip' || kind === 'gue with checksum')
          await sendUpload(stage, virtual, `${kind}, ${name}`);
        firstPort += 10;
      }
      await accepted(stage, director, `ipvsadm -D -t ${virtual}:80`);
    }
  },
};

/** What `ipvsadm -R` reads for both real servers. */
function serverLines(command: '-a' | '-e', virtual: string, outer: 4 | 6, words: string): readonly string[] {
  return endpoints('routed', outer, 80).map(
    (server) => `${command} -t ${virtual}:80 -r ${server} -i --tun-type ${words}`,
  );
}

async function restored(stage: Stage, ...lines: readonly string[]): Promise<void> {
  const words = lines.map((line) => `'${line}'`).join(' ');
  await accepted(stage, director, `printf '%s\\n' ${words} | ipvsadm -R`);
}

async function sendUpload(stage: Stage, virtual: string, what: string): Promise<void> {
  const line = `curl -gsS -m 8 --data-binary @upload http://${virtual}/cgi-bin/count`;
  const { stdout, stderr } = await stage.type(client, line);
  stage.check(`${what}: ${uploadBytes} octets arrive`, stdout === `${uploadBytes}\n`, () => stdout + stderr);
}

const datagrams: Step = {
  row: '6',
  title: 'A datagram that may not be fragmented, and is too big for the tunnel',
  why: 'The director says so by ICMP; the client remembers it, and sends smaller pieces from then on.',
  async play(stage) {
    for (const [version, virtual, address, headers, mtu] of [
      [4, vip4, vip4, 28, 1480],
      [6, `[${vip6}]`, vip6, 48, 1460],
    ] as const) {
      const family = `IPv${version}`;
      for (const server of realServers) await udpServer(stage, server, address, 53);
      await addService(stage, `-u ${virtual}:53 -s rr`, endpoints('routed', version, 53), '-i');
      await stage.quietly(client, 'ip route flush cache; ip -6 route flush cache'); // of what uploads have taught
      const bytes = 1500 - headers;
      const answers = await ask(stage, { address, port: 53, bytes, firstPort: 12_001, count: 3 });
      stage.check(`${family}: the first is refused`, answers[0] === 'refused', () => answers.join(', '));
      const { stdout } = await stage.type(client, `ip route get ${address}`);
      stage.check(`${family}: the client knows the MTU now`, stdout.includes(`mtu ${mtu}`), () => stdout);
      byTurns(stage, `${family}: the next two arrive, in fragments`, answers.slice(1), ` ${bytes}`);
    }
  },
};

const strict: Step = {
  row: '7',
  title: 'Reverse path filtering may stay strict',
  why: 'A tunnel device has no route to the clients, so there it must be off. Here packets come in by the interface that answers leave by.',
  async play(stage) {
    for (const server of realServers)
      await accepted(stage, server, 'echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter');
    await addService(stage, `-t ${vip4}:80 -s rr`, endpoints('routed', 4, 80), '-i');
    byTurns(stage, 'rp_filter=1', await curls(stage, `http://${vip4}/`, 13_001, 2));
  },
};

const theEnd: Step = {
  row: '8',
  title: 'What was counted, and the end of it',
  why: 'Real servers now refuse what they no longer understand, by ICMP, and the director tells the client.',
  async play(stage) {
    const { stdout } = await stage.type('rs1', 'fairlead realserver decapsulate status');
    const counts = [...stdout.matchAll(/^ {2}(?:ipip|gue|gre) +(\d+) /gm)].map(([, count]) => Number(count));
    stage.check(
      'packets of all three kinds came out',
      counts.length === 3 && counts.every((count) => count > 0),
      () => stdout,
    );
    for (const server of realServers) await accepted(stage, server, 'fairlead realserver decapsulate stop');
    const answers = await curls(stage, `http://${vip4}/`, 14_001, 1);
    stage.check("a client hears that nobody is there (curl's exit code 7)", answers[0] === 'curl: 7', () =>
      answers.join(', '),
    );
  },
};

export const tunnel: Scenario = {
  name: 'tunnel',
  about: 'tunnels (-i): ipip, GUE and GRE, both families, large uploads, path MTU',
  topology: routed,
  tools: ['curl', 'busybox', 'node'],
  steps: [
    directorHoldsVips,
    serversWithVips('2'),
    decapsulators,
    upload,
    everyKind,
    datagrams,
    strict,
    theEnd,
  ],
};
