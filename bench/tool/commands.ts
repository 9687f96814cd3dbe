/** What single commands of ipvsadm take. */

import { type Spread, spreadOf } from '../statistics.ts';
import { commandRow } from './report.ts';
import { ipvsadm, type Stage } from './stage.ts';
import { forgetPeak, peakOf, timed, workOf } from './timed.ts';

/** Seconds, and one to the other. */
export type Start = { readonly node: Spread; readonly tool: Spread; readonly ratio: Spread };

/** What a command and the daemon took. Memory is KiB. */
export type Measured = {
  readonly name: string;
  readonly seconds: number;
  /** Multiples of `node -e 0`. */
  readonly starts: number;
  readonly peak: number;
  readonly daemon: { readonly seconds: number; readonly peak: number };
};

/** `ipvsadm -Ln` with next to nothing to list, in turns with `node -e 0`. */
export async function measureStart({ director }: Stage, rounds: number): Promise<Start> {
  const turns: { readonly node: number; readonly tool: number }[] = [];
  for (let turn = 0; turn < rounds; turn++) {
    const { seconds: node } = await timed(director, [process.execPath, '-e', '0']);
    const { seconds: tool } = await timed(director, [ipvsadm, '-Ln']);
    turns.push({ node, tool });
  }
  return {
    node: spreadOf(turns.map(({ node }) => node)),
    tool: spreadOf(turns.map(({ tool }) => tool)),
    ratio: spreadOf(turns.map(({ node, tool }) => tool / node)),
  };
}

export type Work = {
  /** A file that the command reads. */
  readonly input?: string;
  /** Of what it writes, at least. */
  readonly lines?: number;
};

/** `unit` is what `node -e 0` takes. */
export function measurer({ director, pid: find }: Stage, unit: number) {
  return async (name: string, words: readonly string[], work: Work = {}): Promise<Measured> => {
    const pid = await find();
    forgetPeak(pid);
    const before = workOf(pid);
    const { seconds, peak, lines } = await timed(director, [ipvsadm, ...words], work.input);
    if (lines < (work.lines ?? 0)) throw new Error(`${name}: there were only ${lines} lines`);
    const daemon = { seconds: workOf(pid) - before, peak: peakOf(pid) };
    const measured = { name, seconds, starts: seconds / unit, peak, daemon };
    process.stdout.write(commandRow(measured));
    return measured;
  };
}
