/**
 * The terminal while `fairlead top` has it: a screen of its own, keys one by one. However the program ends, short of
 * SIGKILL, the terminal is afterwards as it was, and what there is to say is said on the screen from before.
 */

import { writeSync } from 'node:fs';
import { keysIn } from './keys.ts';
import type { Size } from './view.ts';

export type Terminal = {
  size(): Size;
  /** Shows lines from the top; those `inverted` with colours exchanged. */
  draw(lines: readonly string[], inverted: ReadonlySet<number>): void;
  close(): void;
};

export type TerminalEvents = {
  readonly key: (key: string) => void;
  /** What was drawn has to be drawn again. */
  readonly resized: () => void;
};

const ownScreen = '\u001b[?1049h\u001b[?25l';
const formerScreen = '\u001b[?25h\u001b[?1049l';
const usualSize: Size = { columns: 80, rows: 24 };

export function openTerminal(events: TerminalEvents): Terminal {
  const { stdin, stdout } = process;
  let held = false;
  const take = (): void => {
    if (held) return;
    held = true;
    stdin.setRawMode(true);
    writeSync(stdout.fd, ownScreen);
  };
  const giveBack = (): void => {
    if (!held) return;
    held = false;
    try {
      stdin.setRawMode(false);
      writeSync(stdout.fd, formerScreen);
    } catch {
      // The terminal itself has gone.
    }
  };
  /** ^Z, which is a key like any other now. */
  const stop = (): void => {
    giveBack();
    process.once('SIGCONT', () => {
      take();
      events.resized();
    });
    process.kill(process.pid, 'SIGTSTP');
  };
  const read = (input: string): void => {
    for (const key of keysIn(input)) {
      if (key === 'ctrl-z') stop();
      else events.key(key);
    }
  };
  stdin.setEncoding('utf8').on('data', read).resume();
  stdout.on('resize', events.resized);
  process.on('exit', giveBack).on('uncaughtExceptionMonitor', giveBack);
  take();
  return {
    size: () => ({
      columns: stdout.columns || usualSize.columns,
      rows: stdout.rows || usualSize.rows,
    }),
    draw(lines, inverted) {
      if (!held) return;
      const text = lines.map((line, at) => (inverted.has(at) ? `\u001b[7m${line}\u001b[27m` : line));
      stdout.write(`\u001b[H${text.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`);
    },
    close() {
      stdin.off('data', read).pause();
      stdout.off('resize', events.resized);
      process.off('exit', giveBack).off('uncaughtExceptionMonitor', giveBack);
      giveBack();
    },
  };
}
