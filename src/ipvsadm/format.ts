/** Columns as ipvsadm prints them; trailing blanks are real. */

import type { Protocol } from '../ipvs/service.ts';

/** Left-aligned (`%-28s`); a longer text shifts what follows. */
export function left(value: string | number, width: number): string {
  return String(value).padEnd(width);
}

/** Right-aligned behind a blank (` %8s`). */
export function right(value: string | number, width: number): string {
  return ` ${String(value).padStart(width)}`;
}

/** First column of a service: `TCP  10.0.0.1:80`, the name cut at 28 characters. */
export function serviceName(protocol: Protocol, label: string): string {
  return `${left(protocol.toUpperCase(), 4)} ${label.slice(0, 28)}`;
}

/** First column of a real server: 33 characters, the name cut at 28. */
export function serverName(label: string): string {
  return `  -> ${left(label.slice(0, 28), 28)}`;
}

/** Above each limit a counter is shown in the next unit; thousands are decimal. */
const units = [
  { below: 1e8, divisor: 1, letter: '' },
  { below: 1e9, divisor: 1e3, letter: 'K' },
  { below: 1e11, divisor: 1e6, letter: 'M' },
  { below: 1e14, divisor: 1e9, letter: 'G' },
  { below: Number.POSITIVE_INFINITY, divisor: 1e12, letter: 'T' },
] as const;

/** A counter in nine columns, the first a blank: `12345678`, `123456K`; in full, however wide, if `exact`. */
export function largeNumber(value: number, exact: boolean): string {
  if (exact) return right(value, 8);
  const { divisor, letter } = units.find(({ below }) => value < below) ?? units[4];
  return `${Math.floor(value / divisor)}${letter}`.padStart(9);
}

/** `05:09`: minutes, without an upper bound, and seconds. */
export function minutesAndSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
