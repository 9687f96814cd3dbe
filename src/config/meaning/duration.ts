/** Times: a number is seconds, a text says its unit. */

import { maxTimeoutSeconds } from '../../ipvs/timeouts.ts';
import type { Path, Report } from '../problem.ts';

const milliseconds: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** In milliseconds; the schema has seen to the form. */
export function millisecondsOf(time: string | number): number {
  if (typeof time === 'number') return time * 1000;
  const [, number, unit = 's'] = /^([\d.]+)([a-z]+)$/.exec(time) ?? [];
  return Number(number) * (milliseconds[unit] ?? Number.NaN);
}

/** A time as IPVS keeps it, or 0 and a report: whole seconds, at least `least`, at most 31 days. */
export function secondsOf(time: string | number, least: number, path: Path, report: Report): number {
  const seconds = millisecondsOf(time) / 1000;
  const wrong = (message: string): number => {
    report({ path, message });
    return 0;
  };
  if (!Number.isInteger(seconds)) return wrong(`\`${time}\` is not a whole number of seconds`);
  if (seconds < least) return wrong(`\`${time}\` is too short: it is at least ${least}s`);
  return seconds > maxTimeoutSeconds ? wrong(`\`${time}\` is too long: it is at most 31d`) : seconds;
}

/** The same of milliseconds: `500ms`, `2s`. */
export function millisecondsText(time: number): string {
  return time % 1000 === 0 ? secondsText(time / 1000) : `${time}ms`;
}

/** The shortest way to say so many seconds: `6m`, `90s`. */
export function secondsText(seconds: number): string {
  const unit = ['d', 'h', 'm'].find(
    (each) => seconds > 0 && (seconds * 1000) % (milliseconds[each] ?? 1) === 0,
  );
  return unit === undefined ? `${seconds}s` : `${(seconds * 1000) / (milliseconds[unit] ?? 1)}${unit}`;
}
