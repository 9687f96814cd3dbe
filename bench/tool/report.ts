/** The tables that people read. Pure. */

import type { Measured, Start } from './commands.ts';
import type { Noticed } from './stage.ts';

const nameWidth = 28;

export function startRow({ node, tool, ratio }: Start): string {
  const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`;
  const turns = `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} .. ${ratio.high.toFixed(2)})`;
  return `ipvsadm -Ln ${milliseconds(tool.median)}, node -e 0 ${milliseconds(node.median)}: ${turns} times as long\n`;
}

export const commandHeading: string = line('ipvsadm', [
  'seconds',
  'node -e 0',
  'its MiB',
  "daemon's s",
  "daemon's MiB",
]);

export function commandRow({ name, seconds, starts, peak, daemon }: Measured): string {
  const numbers = [seconds.toFixed(2), `x ${starts.toFixed(0)}`, mebibytes(peak)];
  return line(name, [...numbers, daemon.seconds.toFixed(2), mebibytes(daemon.peak)]);
}

export const noticedHeading: string = line('clients beside', [
  'answers',
  'failures',
  'half ms',
  '99 % ms',
  'longest ms',
]);

export function noticedRow(name: string, { answered, failed, half, most, longest }: Noticed): string {
  return line(name, [String(answered), String(failed), half.toFixed(1), most.toFixed(1), longest.toFixed(1)]);
}

function mebibytes(kibibytes: number): string {
  return (kibibytes / 1024).toFixed(0);
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(nameWidth)}${cells.map((cell) => cell.padStart(13)).join('')}\n`;
}
