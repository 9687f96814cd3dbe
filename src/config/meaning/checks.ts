/** Checks by name, and those on the spot; checks that are made of others. */

import type { Check, CombinedCheck, SingleCheck } from '../../health/check.ts';
import type { Port } from '../../ipvs/address.ts';
import type { Path, Report } from '../problem.ts';
import { type CheckEntry, type CheckReference, probeKeys } from '../schema/checks.ts';
import { didYouMean } from '../suggest.ts';
import { millisecondsOf } from './duration.ts';
import { addressOf } from './endpoint.ts';
import { probeOf } from './probe.ts';

export type CheckBook = {
  /** All that have a name, in the order of the file. */
  readonly all: readonly Check[];
  /** The checks that a service or a real server asks for. */
  resolve(references: readonly CheckReference[], path: Path): readonly Check[];
};

const defaults = { intervalMs: 5000, timeoutMs: 2000, rise: 2, fall: 3, jitter: 0.1, start: 'up' } as const;

/** What belongs to a probe's rhythm and way, and means nothing to a check that is made of others. */
const singleKeys = [
  ...(['port', 'address', 'via', 'interval', 'timeout', 'rise', 'fall', 'jitter', 'start'] as const),
];
/** What goes over no network has no way. */
const wayKeys = ['port', 'address', 'via'] as const;

export function readChecks(entries: Readonly<Record<string, CheckEntry>>, report: Report): CheckBook {
  const read = new Map<string, Check | undefined>();
  const named = (name: string, path: Path, way: readonly string[]): Check | undefined => {
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (!entry) {
      report({ path, message: `there is no check \`${name}\`${didYouMean(name, Object.keys(entries))}` });
      return undefined;
    }
    if (way.includes(name)) {
      const circle = [...way.slice(way.indexOf(name)), name].join(' -> ');
      report({ path, message: `checks go round in a circle: ${circle}` });
      return undefined;
    }
    if (!read.has(name)) read.set(name, readCheck(name, entry, ['checks', name], [...way, name]));
    return read.get(name);
  };
  const readCheck = (
    name: string,
    entry: CheckEntry,
    path: Path,
    way: readonly string[],
  ): Check | undefined => {
    const kinds = [...probeKeys, 'all' as const, 'any' as const].filter((key) => entry[key] !== undefined);
    const [kind, second] = kinds;
    if (kind === undefined) {
      report({
        path,
        message: `the check says nothing to check: it takes one of ${probeKeys.join(', ')}, all, any`,
      });
      return undefined;
    }
    if (second !== undefined) {
      report({
        path: [...path, second],
        atKey: true,
        message: `\`${kind}\` and \`${second}\` in one check: make two of it`,
      });
      return undefined;
    }
    if (kind !== 'all' && kind !== 'any') return singleCheck(name, entry, path, report);
    for (const key of singleKeys)
      if (entry[key] !== undefined)
        report({
          path: [...path, key],
          atKey: true,
          message: `\`${key}\` belongs to the checks that \`${kind}\` is made of`,
        });
    const checks = (entry[kind] ?? []).flatMap(
      (part, index) => named(part, [...path, kind, index], way) ?? [],
    );
    return { name, combine: kind, checks } satisfies CombinedCheck;
  };
  const all = Object.keys(entries).flatMap((name) => named(name, ['checks', name], []) ?? []);
  return {
    all,
    resolve: (references, path) =>
      references.flatMap((reference, index) => {
        const here = [...path, index];
        if (typeof reference === 'string') return named(reference, here, []) ?? [];
        const [kind = 'check'] = [...probeKeys, 'all' as const, 'any' as const].filter(
          (key) => reference[key] !== undefined,
        );
        return readCheck(kind, reference, here, []) ?? [];
      }),
  };
}

function singleCheck(name: string, entry: CheckEntry, path: Path, report: Report): SingleCheck | undefined {
  const kind = probeKeys.find((key) => entry[key] !== undefined) ?? 'tcp';
  const probe = probeOf(kind, entry[kind], [...path, kind], report);
  if (!probe) return undefined;
  const { port, via, rise = defaults.rise, fall = defaults.fall, start = defaults.start } = entry;
  if (kind === 'command' || kind === 'file')
    for (const key of wayKeys)
      if (entry[key] !== undefined)
        report({ path: [...path, key], atKey: true, message: `\`${key}\` means nothing to a ${kind}` });
  if (via === 'dr' && entry.address !== undefined)
    report({
      path: [...path, 'address'],
      message: 'by way of dr the address is the virtual one: leave `address` out',
    });
  const address =
    entry.address === undefined ? undefined : addressOf(entry.address, [...path, 'address'], report);
  return {
    ...{ name, probe, rise, fall, start, jitter: jitterOf(entry, path, report) },
    ...rhythmOf(entry, path, report),
    ...(port !== undefined && { port: port as Port }),
    ...(address !== undefined && { address }),
    ...(via !== undefined && { via }),
  };
}

function rhythmOf(
  entry: CheckEntry,
  path: Path,
  report: Report,
): Pick<SingleCheck, 'intervalMs' | 'timeoutMs'> {
  const intervalMs = entry.interval === undefined ? defaults.intervalMs : millisecondsOf(entry.interval);
  const usual = Math.min(defaults.timeoutMs, intervalMs);
  const timeoutMs = entry.timeout === undefined ? usual : millisecondsOf(entry.timeout);
  if (intervalMs < 100) report({ path: [...path, 'interval'], message: 'an interval is at least 100ms' });
  else if (timeoutMs < 1) report({ path: [...path, 'timeout'], message: 'a timeout is at least 1ms' });
  else if (timeoutMs > intervalMs)
    report({
      path: [...path, 'timeout'],
      message: `the timeout, ${timeoutMs}ms, is longer than the interval, ${intervalMs}ms: the next check would begin before this one has ended`,
    });
  return { intervalMs, timeoutMs };
}

function jitterOf({ jitter }: CheckEntry, path: Path, report: Report): number {
  const share = jitter === undefined ? defaults.jitter : Number(jitter.replace('%', '')) / 100;
  if (share > 1)
    report({
      path: [...path, 'jitter'],
      message: `\`${jitter}\` is more than the interval: it is at most 100%`,
    });
  return share;
}
