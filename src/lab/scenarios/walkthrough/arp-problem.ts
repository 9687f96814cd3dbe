/** Rows 5 and 6: it works while the client knows the director, and breaks as soon as it asks again. */

import type { Stage, Step } from '../../scenario.ts';
import { doctorNames } from './doctor.ts';
import { fourCurls, traffic, trafficText, vipHolder } from './glance.ts';
import { client, director, firstPort, ipOf, linesOf, macIn, ownerOf, realServers, vip } from './setting.ts';

const turns = ['server3', 'server2', 'server3', 'server2'];
const mostTries = 50;

export const sharedAddress: Step = {
  row: '5',
  title: 'The virtual address on both real servers as well',
  why: `The packets keep their addresses: a real server accepts one only if it holds ${vip} itself.`,
  async play(stage) {
    for (const server of realServers) await stage.type(server, `ip addr add ${vip}/32 dev eth0`);
    const holder = await vipHolder(stage);
    stage.check(
      'the client still has the MAC of the director, from row 4',
      holder === director,
      () => holder,
    );
    stage.say(
      'Each curl from a port of its own: one used again would meet its old connection, and that its server.',
    );
    const answers = await fourCurls(stage, firstPort.sharedAddress);
    stage.check(
      `curl prints ${turns.join(', ')}: newest real server first`,
      answers.join() === turns.join(),
      () => answers.join(', '),
    );
  },
};

export const arpProblem: Step = {
  row: '6',
  title: 'The ARP problem: three hosts hold the address, and who answers first wins',
  why: 'The client forgets the entry and asks again, until a real server is first. Its bridge floods a question to the port plugged in last first.',
  async play(stage) {
    const { stdout } = await stage.type(client, `busybox arping -b -c 1 -w 1 -I eth0 ${vip}`);
    const answering = linesOf(stdout)
      .flatMap((line) => macIn(line) ?? [])
      .map(ownerOf);
    const all = [director, ...realServers].every((host) => answering.includes(host));
    stage.check('one question, answers from all three', all, () => answering.join(', ') || 'no answer');

    const { winner, tries } = await untilRealServerWins(stage);
    const wins = realServers.some((server) => server === winner);
    stage.check('a real server has won', wins, () => `${winner}, ${tries} times in a row`);
    if (!wins) return;

    const entry = (await stage.type(client, 'busybox arp -an')).stdout;
    const mac = macIn(linesOf(entry).find((line) => line.includes(`(${vip})`)) ?? '');
    await stage.type(winner, 'ip -br link show dev eth0');
    stage.check(`the client's entry is the MAC of ${winner}`, ownerOf(mac) === winner, () => entry);

    const before = await traffic(stage, 'unseen');
    const answers = await fourCurls(stage, firstPort.arpProblem);
    const only = answers.length === turns.length && answers.every((answer) => answer === winner);
    stage.check(`every curl prints ${winner}`, only, () => answers.join(', '));
    const after = await traffic(stage, 'shown');
    const still = trafficText(before) === trafficText(after);
    stage.check(
      "the director's counters stand still",
      still,
      () => `${trafficText(before)}, then ${trafficText(after)}`,
    );
    stage.say(`${winner} answers for ${vip}: MAC ${mac}, RIP ${ipOf(winner)} (attempt ${tries})`);
    await doctorNames(stage, 'address-answered-by-real-server', [winner]);
  },
};

/** Shown once; should the director win, again without a word. */
export async function untilRealServerWins(stage: Stage): Promise<{ winner: string; tries: number }> {
  const askAgain = `ip neigh del ${vip} dev eth0; curl -sS -m 2 ${vip}`;
  for (let tries = 1; ; tries++) {
    await (tries === 1 ? stage.type : stage.quietly)(client, askAgain);
    const winner = await vipHolder(stage);
    if (winner !== director || tries === mostTries) return { winner, tries };
  }
}
