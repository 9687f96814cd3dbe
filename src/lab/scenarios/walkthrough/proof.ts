/** Row 8: after a cure, the director answers for the virtual address whatever happens. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage, Step } from '../../scenario.ts';
import { doctorIsContent } from './doctor.ts';
import { fourCurls, traffic, trafficText, vipHolder } from './glance.ts';
import { client, director, ipOf, linesOf, realServers, turnBroken, vip } from './setting.ts';

const times = 50;
const learnsWithinMs = 2_000;
/** Linux does not let an ARP entry be changed within a second of its last change (neigh `locktime`). */
const unlockedMs = 1_100;
/** Enough for a few connections through the load, each of which makes a real server ask. */
const askedMs = 200;
const logFile = 'load.log';

/** The local ports of the client's curls: under load, and afterwards. */
type Ports = { readonly load: number; readonly after: number };

/** The step for one cure: what is learnt, who answers, what is counted. */
export function directorAnswers(cure: string, ports: Ports): Step {
  return {
    row: '8',
    title: `With ${cure}: the director answers, always`,
    why: 'The client forgets the entry and learns it again, many times, under load; the real servers forget the client too, and have to ask.',
    async play(stage) {
      const before = await traffic(stage, 'unseen');
      await stage.type(client, `ip neigh del ${vip} dev eth0; curl -sS -m 2 ${vip}`);
      await relearnUnderLoad(stage, ports.load);

      await stage.type(client, 'busybox arp -an');
      const broken = turnBroken(await fourCurls(stage, ports.after));
      stage.check('curl alternates', broken === undefined, () => broken ?? '');

      const after = await traffic(stage, 'shown');
      const more = (server: string) =>
        (after.get(server)?.connections ?? 0) > (before.get(server)?.connections ?? 0);
      const seen = () => `${trafficText(before)}, then ${trafficText(after)}`;
      stage.check("the director's counters have grown, for both real servers", realServers.every(more), seen);
      await doctorIsContent(stage);
    },
  };
}

async function relearnUnderLoad(stage: Stage, firstPort: number): Promise<void> {
  const load = await stage.beside(
    client,
    `p=${firstPort}; while :; do curl -sS -m 5 --local-port $((p+=1)) ${vip}; done`,
    logFile,
  );
  const forget = `ip neigh del ${vip} on the client, ip neigh del ${ipOf(client)} on both real servers`;
  stage.say(`${forget}, until the load has made them ask again: ${times} times`);
  const learnt: string[] = [];
  while (learnt.length < times) learnt.push(await forgetAndLearn(stage));
  const always = `${times} times learnt, ${times} times the MAC of the director`;
  stage.check(always, learnt.every(isDirector), () => tally(learnt));

  await sleep(unlockedMs, undefined, { signal: stage.signal });
  await forgetClient(stage);
  await sleep(askedMs, undefined, { signal: stage.signal });
  const holder = await vipHolder(stage);
  const still =
    'a second later, when the entry could be changed and the real servers ask again: still the director';
  stage.check(still, isDirector(holder), () => holder);

  await load.stop();
  const answers = linesOf(readFileSync(join(stage.directory(client), logFile), 'utf8'));
  const broken = turnBroken(answers);
  stage.check('under this load every curl was answered, by turns', broken === undefined, () => broken ?? '');
  stage.say(`${answers.length} answers under load: ${tally(answers)}`);
}

/** Lets all of them forget, and waits until the load has made the client learn; answers whose MAC it is. */
async function forgetAndLearn(stage: Stage): Promise<string> {
  await Promise.all([stage.quietly(client, `ip neigh del ${vip} dev eth0`), forgetClient(stage)]);
  const deadline = Date.now() + learnsWithinMs;
  for (;;) {
    const holder = await vipHolder(stage);
    if (holder !== 'nobody' || Date.now() > deadline) return holder;
  }
}

/** A real server that does not know the client asks for it: in whose name, is what a cure decides. */
async function forgetClient(stage: Stage): Promise<void> {
  const forget = `ip neigh del ${ipOf(client)} dev eth0`;
  await Promise.all(realServers.map((server) => stage.quietly(server, forget)));
}

function isDirector(holder: string): boolean {
  return holder === director;
}

/** `server2 117, server3 118` */
function tally(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => `${value} ${count}`).join(', ') || 'nothing';
}
