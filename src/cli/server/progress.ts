/** A line that is written over on a terminal; elsewhere, a line now and then. */

import { type Load, loadText } from './load.ts';

const quietMs = 10_000;

export type Progress = {
  readonly show: (load: Load, elapsedMs: number) => void;
  /** The line stays, whatever is written next. */
  readonly end: () => void;
};

export function createProgress(out: NodeJS.WriteStream, of: string): Progress {
  let said = Number.NEGATIVE_INFINITY;
  let last = '';
  return {
    show: (load, elapsedMs) => {
      const text = loadText(load);
      const line = `${of}: ${text} after ${Math.round(elapsedMs / 1000)} s`;
      if (out.isTTY) out.write(`\r${line}\u001b[K`);
      else if (text !== last && elapsedMs - said >= quietMs) {
        out.write(`${line}\n`);
        said = elapsedMs;
        last = text;
      }
    },
    end: () => {
      if (out.isTTY) out.write('\n');
    },
  };
}
