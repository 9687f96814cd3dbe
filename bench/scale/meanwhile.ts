/** What clients notice while a service of a thousand real servers on the same director is changed without a pause. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseWrk } from '../end-to-end/load-output.ts';
import { openStage, ports, type Stage } from '../end-to-end/stage.ts';
import { targets } from '../end-to-end/topology.ts';
import type { Figure } from '../figure.ts';
import { spreadOf } from '../statistics.ts';

const ipvsadm = fileURLToPath(new URL('../../bin/ipvsadm', import.meta.url));
const other = `${targets.fairlead}:8080`;
const servers = 1000;
const nodes = `${JSON.stringify(process.execPath)} -e ''`;

/** What runs on the director meanwhile; the last is as busy as ipvsadm is, and changes nothing. */
const besides = {
  'nothing else': undefined,
  'a server added and removed': `while :; do for w in a d; do ${ipvsadm} -$w -t ${other} -r 10.127.0.1:80; done; done`,
  'a program started': `while :; do ${nodes}; ${nodes}; done`,
} as const;
type Beside = keyof typeof besides;

export async function measureMeanwhile(
  rounds: number,
  seconds: number,
  signal: AbortSignal,
  report: (figure: Figure) => void,
): Promise<void> {
  const stage = await openStage(signal);
  try {
    await lay(stage);
    const measured: Record<Beside, number>[] = [];
    for (let number = 0; number < rounds; number++) {
      const round: Partial<Record<Beside, number>> = {};
      for (const beside of Object.keys(besides) as Beside[])
        round[beside] = await turn(stage, beside, seconds);
      measured.push(round as Record<Beside, number>);
    }
    for (const beside of Object.keys(besides) as Beside[]) report(rowOf(beside, measured));
  } finally {
    await stage.close();
  }
}

/** A service by mh, whose table each change makes anew. */
async function lay(stage: Stage): Promise<void> {
  const lines = Array.from(
    { length: servers },
    (_, number) => `-a -t ${other} -r 10.126.${number >> 8}.${number & 255}:80 -g -w 1`,
  );
  const file = join(stage.lab.host('fairlead').directory, 'rules');
  writeFileSync(file, `-A -t ${other} -s mh\n${lines.join('\n')}\n`);
  await stage.direct(['sh', '-c', `${ipvsadm} -R <${file}`]);
}

/** p99 of requests one after the other, in milliseconds. */
async function turn(stage: Stage, beside: Beside, seconds: number): Promise<number> {
  const script = besides[beside];
  const going = script && (await stage.lab.host('fairlead').start(['sh', '-c', script], 'changes.log'));
  try {
    await sleep(going ? 300 : 0);
    const url = `http://${targets.fairlead}:${ports.http}/`;
    const argv = ['wrk', '--latency', '-t', '1', '-c', '1', '-d', `${seconds}s`, url];
    return parseWrk(await stage.ask(argv, seconds * 1000 + 20_000)).most ?? Number.NaN;
  } finally {
    if (going) await going.stop();
  }
}

function rowOf(beside: Beside, measured: readonly Readonly<Record<Beside, number>>[]): Figure {
  const ratio = (to: Beside) => ({
    to,
    value: spreadOf(measured.map((round) => round[beside] / round[to])),
  });
  return {
    name: `p99 beside: ${beside}`,
    value: spreadOf(measured.map((round) => round[beside])),
    unit: 'ms',
    ratios:
      beside === 'nothing else'
        ? []
        : [ratio('nothing else'), ...(beside === 'a program started' ? [] : [ratio('a program started')])],
  };
}
