/** What clients see: curls that are started together, and how each of them ended. */

import type { Stage } from '../scenario.ts';
import { client, director, realServers, vip4 } from '../scenarios/common.ts';
import { linesOf, trafficIn } from '../scenarios/walkthrough/setting.ts';

export type Question = {
  readonly count?: number;
  readonly from?: string;
  readonly url?: string;
  /** Seconds until a curl gives up. */
  readonly patience?: number;
};

/** curl's exit codes, as `ask` answers them. */
export const refused = 'curl: 7';
export const timedOut = 'curl: 28';

/** Gets the page so many times at once, each from a port of its own. Answers pages, or curl's exit codes. */
export async function ask(stage: Stage, question: Question = {}): Promise<readonly string[]> {
  const { count = 4, from = client, url = `http://${vip4}/`, patience = 1 } = question;
  const ports = stage.ports(count).join(' ');
  const curl = `curl -gsS -m ${patience} --local-port $p ${url} 2>/dev/null || echo "curl: $?"`;
  const { stdout } = await stage.type(from, `for p in ${ports}; do (${curl}) & done; wait`);
  return linesOf(stdout).toSorted();
}

/** Other packets take turns, too: a retransmitted SYN, or a probe of the doctor's. */
const attempts = 3;

/** Checks that every real server answers its share, in one of a few attempts. */
export async function servedByAll(
  stage: Stage,
  question: Question = {},
  servers: readonly string[] = realServers,
): Promise<void> {
  let answers: readonly string[] = [];
  const isShared = (): boolean =>
    servers.every(
      (server) => answers.filter((answer) => answer === server).length === answers.length / servers.length,
    );
  for (let attempt = 0; attempt < attempts && (attempt === 0 || !isShared()); attempt++)
    answers = await ask(stage, { count: 2 * servers.length, ...question });
  stage.check(`${servers.join(' and ')} answer, each its share`, isShared(), () => answers.join(', '));
}

/** Checks that curls end in exactly these ways, in any order. */
export async function endsIn(
  stage: Stage,
  expectation: string,
  endings: readonly string[],
  question: Question = {},
): Promise<void> {
  const answers = await ask(stage, { count: endings.length, ...question });
  stage.check(expectation, answers.join() === endings.toSorted().join(), () => answers.join(', '));
}

/** The half of the connections that a sick server gets hangs; the other server answers. */
export function hangsAt(sick: string): (stage: Stage) => Promise<void> {
  const other = realServers.find((server) => server !== sick) ?? '';
  return (stage) =>
    endsIn(stage, `every second curl hangs: those for ${sick}`, [other, other, timedOut, timedOut]);
}

/** Nobody answers, for so many seconds. */
export async function allHang(stage: Stage, patience = 1): Promise<void> {
  await endsIn(stage, 'every curl hangs', [timedOut, timedOut], { patience });
}

/** Connections that the director has counted so far, all real servers together. */
async function connectionsCounted(stage: Stage): Promise<number> {
  const { stdout } = await stage.quietly(director, 'ipvsadm -ln --stats --exact');
  return [...trafficIn(stdout).values()].reduce((sum, { connections }) => sum + connections, 0);
}

/** Every curl is answered by one server, past the director. */
export function passesDirector(only: string): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const before = await connectionsCounted(stage);
    await endsIn(stage, `every curl is answered by ${only}`, [only, only, only]);
    const more = (await connectionsCounted(stage)) - before;
    stage.check('the director has counted none of them', more === 0, () => `${more} connections`);
  };
}
